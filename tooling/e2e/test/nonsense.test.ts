import assert from "node:assert/strict";
import { join } from "node:path";
import { inspect } from "node:util";
import {
  Interval,
  OmniQ,
  OmniQError,
  TaskError,
  WorkerPool,
  createTask,
  defineTask,
  silentLogger,
} from "@omniq/core";
import { FileStorage } from "@omniq/storage-file";
import * as memory from "@omniq/storage-memory";
import { PostgresStorage } from "@omniq/storage-postgres";
import { RedisStorage } from "@omniq/storage-redis";
import { SQLiteStorage } from "@omniq/storage-sqlite";
import { temporaryFolder } from "@omniq/test-support/temporary-folder";
import { describe, it } from "vitest";

/** What programs without types pass by mistake. */
const NONSENSE: Readonly<Record<string, unknown>> = {
  undefined,
  null: null,
  true: true,
  zero: 0,
  "minus one": -1,
  "1.5": 1.5,
  NaN,
  Infinity,
  bigint: 10n,
  "empty text": "",
  text: "no such",
  NUL: "a\0b",
  "long text": "x".repeat(100_000),
  "lone surrogate": "\ud800",
  symbol: Symbol("s"),
  function: () => {},
  "[]": [],
  "[null]": [null],
  "{}": {},
  "no prototype": Object.create(null),
  Date: new Date(0),
  "invalid Date": new Date(Number.NaN),
  Map: new Map([["queue", "mail"]]),
  Error: new Error("x"),
  Promise: Promise.resolve({}),
};
const OBJECTS = ["{}", "no prototype"];
const OPTIONS = ["undefined", ...OBJECTS];
const BOOLEAN = ["undefined", "true"];

const work = defineTask({ name: "work", run: async (_payload: unknown) => {} });

/** Which nonsense a call takes. Whatever else must be refused by an error of ours, with a code. */
async function accepted(call: (value: never) => unknown): Promise<string[]> {
  const taken: string[] = [];
  for (const [name, value] of Object.entries(NONSENSE)) {
    try {
      await call(value as never);
      taken.push(name);
    } catch (error) {
      assert.ok(error instanceof OmniQError, `${name}: ${inspect(error)}`);
      assert.match(error.code, /^[a-z_]+$/);
    }
  }
  return taken;
}

async function openQueue(): Promise<OmniQ> {
  return OmniQ.open("memory:", { adapter: memory, tasks: [work], logger: silentLogger });
}

describe("nonsense is refused by a typed error, and nothing comes of it", () => {
  type Calls = Record<string, [call: (queue: OmniQ, value: never) => unknown, takes: readonly string[]]>;
  const enqueues: Calls = {
    "a task": [(q, value) => q.enqueue(value, 1), []],
    options: [(q, value) => q.enqueue(work, 1, value), OPTIONS],
    "an item": [(q, value) => q.enqueueMany([value]), []],
    "options of an item": [(q, value) => q.enqueueMany([{ task: work, options: value }]), OPTIONS],
    "options of enqueueMany": [(q, value) => q.enqueueMany([{ task: work }], value), OPTIONS],
    "options of schedule": [(q, value) => q.schedule(work, 1, value), []],
  };
  it.each(Object.keys(enqueues))("to enqueue: %s", async (name) => {
    const [call, takes] = enqueues[name] as Calls[string];
    await using queue = await openQueue();
    assert.deepEqual(await accepted((value) => call(queue, value)), takes);
    const stored = (await queue.countTasks()).map(({ count }) => count);
    assert.deepEqual(stored, takes.length > 0 ? [takes.length] : []);
  });

  const calls: Calls = {
    "items to enqueue": [(q, value) => q.enqueueMany(value), ["[]"]],
    "a task to register": [(q, value) => q.register(value), []],
    "a store to copy into": [(q, value) => q.copyTo(value), []],
    "options of listTasks": [(q, value) => q.listTasks(value), OPTIONS],
    "options of queryEvents": [(q, value) => q.queryEvents(value), OPTIONS],
    "options of retryFailed": [(q, value) => q.retryFailed(value), OPTIONS],
    "a task to cancel": [(q, value) => q.cancel(value), []],
    "a task to explain": [(q, value) => q.explain(value), []],
    "a queue to pause": [(q, value) => q.pauseQueue(value), ["text"]],
    "a schedule to pause": [(q, value) => q.schedules.pause(value), []],
    "options of worker": [(q, value) => q.worker(value), OPTIONS],
    "options of processTasks": [(q, value) => q.worker().processTasks(value), OPTIONS],
    "options of stop": [(q, value) => q.worker().stop(value), OPTIONS],
  };
  it.each(Object.keys(calls))("%s", async (name) => {
    const [call, takes] = calls[name] as Calls[string];
    await using queue = await openQueue();
    assert.deepEqual(await accepted((value) => call(queue, value)), takes);
  });

  const options: Record<string, readonly string[]> = {
    id: ["undefined", "text"],
    queue: ["undefined", "text"],
    priority: ["undefined", "zero", "minus one"],
    eta: ["undefined", "zero", "Date"],
    delay: ["undefined", "zero", "1.5"],
    maxRetries: ["undefined", "zero"],
    retry: OPTIONS,
    timeout: ["undefined", "1.5"],
    keep: ["undefined"],
    resultTtl: ["undefined", "null", "zero", "1.5"],
    maxRecoveries: ["undefined", "zero"],
    interval: ["undefined", "null", "zero", "1.5"],
    cadence: ["undefined"],
    cron: ["undefined", "null"],
    timeZone: ["undefined"],
    missed: ["undefined"],
    onFailure: ["undefined"],
    headers: OPTIONS,
    dedupe: ["undefined"],
    via: ["undefined"],
    prio: [],
  };
  it.each(Object.keys(options))("the option %s of enqueue", async (option) => {
    await using queue = await openQueue();
    const taken = await accepted((value) => queue.enqueue(work, 1, { [option]: value }));
    // An id that is null is one that is minted.
    assert.deepEqual(
      taken.filter((name) => option !== "id" || name !== "null"),
      options[option],
    );
  });

  it.each(["queue", "priority", "maxRetries", "timeout", "keep", "resultTtl", "maxRecoveries", "headers"])(
    "the option %s of a task made by hand, as in enqueue",
    async (option) => {
      assert.deepEqual(await accepted((value) => createTask({ [option]: value })), options[option]);
    },
  );

  const workerOptions: Record<string, readonly string[]> = {
    concurrency: ["undefined"],
    prefetch: ["undefined", "null", "zero"],
    queues: ["undefined"],
    strict: BOOLEAN,
    pollInterval: ["undefined", "null", "1.5"],
    lease: ["undefined", "null", "1.5"],
    shutdownTimeout: ["undefined", "null", "zero", "1.5"],
    handleSignals: BOOLEAN,
    retention: OPTIONS,
    workerId: ["undefined", "text"],
    logger: ["undefined"],
    threads: [],
  };
  it.each(Object.keys(workerOptions))("the option %s of a worker", async (option) => {
    await using queue = await openQueue();
    assert.deepEqual(await accepted((value) => queue.worker({ [option]: value })), workerOptions[option]);
  });

  const definitions: Record<string, readonly string[]> = {
    name: ["text"],
    input: ["undefined"],
    run: ["function"],
    queue: ["undefined", "text"],
    priority: ["undefined", "zero", "minus one"],
    maxRetries: ["undefined", "zero"],
    retry: ["undefined", "function", ...OBJECTS],
    timeout: ["undefined", "1.5"],
    keep: ["undefined"],
    resultTtl: ["undefined", "null", "zero", "1.5"],
    maxRecoveries: ["undefined", "zero"],
  };
  it.each(Object.keys(definitions))("%s in the definition of a task", async (option) => {
    const define = (value: never): unknown =>
      defineTask({ name: "nonsense", run: async () => {}, [option]: value });
    assert.deepEqual(await accepted(define), definitions[option]);
  });

  const opening: Record<string, readonly string[]> = {
    tasks: ["undefined", "[]"],
    logger: ["undefined"],
    clock: ["undefined"],
    random: ["undefined", "function"],
    classifyError: ["undefined", "function"],
    maxPending: ["undefined"],
    events: ["undefined"],
    serializer: ["undefined"],
    ids: ["undefined", "function"],
  };
  it.each(Object.keys(opening))("the option %s of OmniQ.open", async (option) => {
    const open = async (value: never): Promise<void> =>
      (await OmniQ.open("memory:", { adapter: memory, logger: silentLogger, [option]: value })).close();
    assert.deepEqual(await accepted(open), opening[option]);
  });

  it("what OmniQ.open is given", async () => {
    for (const [name, value] of Object.entries(NONSENSE)) {
      // These name no store, so that the environment does.
      if (OPTIONS.includes(name)) continue;
      await assert.rejects(OmniQ.open(value as never), OmniQError, name);
      await assert.rejects(OmniQ.open("memory:", value as never), OmniQError, name);
    }
  });

  const made: Record<string, [make: (value: never) => unknown, takes: readonly string[]]> = {
    "a definition": [(value) => defineTask(value), []],
    "a task made by hand": [(value) => createTask(value), OPTIONS],
    "a worker": [(value) => new WorkerPool(value), []],
    "an error": [(value) => new TaskError(value), []],
    "an interval": [(value) => new Interval(value), []],
  };
  it.each(Object.keys(made))("%s", async (name) => {
    const [make, takes] = made[name] as (typeof made)[string];
    assert.deepEqual(await accepted(make), takes);
  });

  const adapters: Record<
    string,
    Record<string, [make: (value: never) => unknown, takes: readonly string[]]>
  > = {
    SQLite: {
      path: [(path) => new SQLiteStorage({ path }), ["undefined", "text"]],
      database: [(database) => new SQLiteStorage({ database }), ["undefined"]],
      durability: [(durability) => new SQLiteStorage({ durability }), ["undefined"]],
    },
    files: {
      folder: [(folder) => new FileStorage({ folder }), ["undefined", "text"]],
      allowNetworkFileSystem: [
        (allowNetworkFileSystem) => new FileStorage({ allowNetworkFileSystem }),
        BOOLEAN,
      ],
      onDamage: [(onDamage) => new FileStorage({ onDamage }), ["undefined", "function"]],
    },
    Postgres: {
      url: [(url) => new PostgresStorage({ url }), ["undefined"]],
      connection: [(connection) => new PostgresStorage({ connection }), OPTIONS],
      pool: [(pool) => new PostgresStorage({ pool }), ["undefined"]],
      kysely: [(kysely) => new PostgresStorage({ kysely }), ["undefined"]],
      schema: [(schema) => new PostgresStorage({ schema }), ["undefined"]],
      timeout: [(timeout) => new PostgresStorage({ timeout }), ["undefined", "1.5"]],
      preparedStatements: [(preparedStatements) => new PostgresStorage({ preparedStatements }), BOOLEAN],
      testClock: [(testClock) => new PostgresStorage({ testClock }), BOOLEAN],
    },
    Redis: {
      url: [(url) => new RedisStorage({ url }), ["undefined"]],
      client: [(client) => new RedisStorage({ client }), ["undefined"]],
      cluster: [(cluster) => new RedisStorage({ cluster }), BOOLEAN],
      prefix: [(prefix) => new RedisStorage({ prefix }), ["undefined"]],
      timeout: [(timeout) => new RedisStorage({ timeout }), ["undefined", "1.5"]],
      testClock: [(testClock) => new RedisStorage({ testClock }), BOOLEAN],
    },
  };
  it.each(
    Object.entries(adapters).flatMap(([store, fields]) => Object.keys(fields).map((field) => [field, store])),
  )("the option %s of a store in %s", async (field, store) => {
    const [make, takes] = (adapters[store] as (typeof adapters)[string])[field] as never as [never, string[]];
    const taken = await accepted(make);
    // Null is what settings in JSON say for what is left out.
    assert.deepEqual(
      taken.filter((name) => name !== "null"),
      takes,
    );
  });

  it("a place that cannot be made costs an error at open, not before", async () => {
    const path = join(temporaryFolder(), "x".repeat(300), "omniq.db");
    await assert.rejects(new SQLiteStorage({ path }).open(), OmniQError);
  });
});
