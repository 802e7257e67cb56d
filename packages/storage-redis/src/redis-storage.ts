import { type Argument, Connection, listen, redisFailure, scriptFinder } from "@omniq/connection-redis";
import { StorageError, uuidV7 } from "@omniq/core";
import {
  BaseStorage,
  FAILURES,
  SERVER_CAPABILITIES,
  areAlikeEnds,
  checkTestClock,
  packageVersion,
  plainInsert,
  recordOf,
} from "@omniq/core/storage";
import type * as h from "@omniq/core/storage";
import { partsOf } from "./parts.ts";
import { type RedisStorageOptions, type Settings, settingsOf } from "./redis-options.ts";
import {
  type ClaimReply,
  claimedTasks,
  currentTask,
  insertAnswer,
  renewAnswer,
  writeAnswer,
} from "./replies.ts";
import * as codec from "./row-codec.ts";
import { FORMAT, checkFacts, checkFormat, readFacts, warnOfRisks } from "./server-check.ts";
import { inSteps, removeUpTo, runEach } from "./steps.ts";

/** Where the scripts are, one for each operation. */
const LUA = new URL("../lua/", import.meta.url);
/** In how many steps, of 1,000 each, one page of events is looked for. */
const EVENT_STEPS = 10;

/**
 * Tasks in Redis, which any number of hosts may share. Every change is one Lua script; the server's clock decides what
 * is due; workers elsewhere are woken by a message.
 */
export class RedisStorage extends BaseStorage {
  readonly prefix: string;
  readonly #settings: Settings;
  readonly #instance = uuidV7();
  #claims = 0;
  #connection: Connection | null = null;

  /** Connects to nothing: the first call does. @throws ValidationError for a bad option */
  constructor(urlOrOptions: string | RedisStorageOptions = {}) {
    const options = typeof urlOrOptions === "string" ? { url: urlOrOptions } : urlOrOptions;
    const settings = settingsOf(options);
    super(
      {
        name: "redis",
        version: packageVersion(import.meta.url),
        isPipelined: true,
        timeoutMs: settings.timeoutMs,
        capabilities: {
          ...SERVER_CAPABILITIES,
          strictOrder: true,
          survivesServerCrash: settings.always,
          survivesPowerLoss: settings.always,
        },
      },
      options,
    );
    this.#settings = settings;
    this.prefix = settings.prefix;
  }

  /** For tests only. @throws ValidationError `invalid_test_clock` for a store without the option `testClock` */
  async setTestClock(now: number): Promise<void> {
    checkTestClock(this.#settings.testClock);
    await this.open();
    await this.#redis.command("HSET", this.#redis.key("meta"), "clock", now);
  }

  protected async doOpen(): Promise<void> {
    const firstLine = `local TEST_CLOCK, FORMAT = ${this.#settings.testClock}, ${FORMAT}`;
    const connection = new Connection(this.#settings, scriptFinder(LUA, firstLine));
    try {
      const facts = await readFacts(connection);
      checkFacts(facts, connection.server, this.#settings);
      checkFormat(connection, (await connection.run("open", [])) as [string, string]);
      warnOfRisks(facts, connection.server);
      this.#connection = connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  protected async doClose(): Promise<void> {
    this.#connection?.close();
    this.#connection = null;
  }

  protected async doDestroy(): Promise<void> {
    const run = inSteps(this.#redis);
    let cursor = "0";
    do cursor = String(await run("destroy", [cursor]));
    while (cursor !== "0");
  }

  protected async doDescribe(): Promise<h.DescribeHookResult> {
    const { version, mode, durability } = await readFacts(this.#redis);
    return { durability, versions: { redis: version, mode, schema: String(FORMAT) } };
  }

  protected async doEnqueue({ groups }: h.EnqueueHookParams): Promise<h.EnqueueHookResult> {
    const plain = plainInsert(groups);
    if (plain) {
      const [now, reply] = (await this.#redis.run("enqueue-one", codec.plainArguments(plain))) as unknown[];
      if (reply === 1) return { now: Number(now), groups: [[insertAnswer(plain, reply)]], isAnnounced: true };
    }
    const { now, replies } = await runEach(inSteps(this.#redis), "enqueue", groups, codec.groupArguments);
    let next = 0;
    const answers = groups.map((group) => group.map((task) => insertAnswer(task, replies[next++])));
    return { now, groups: answers, isAnnounced: true };
  }

  protected doDequeue(params: h.DequeueHookParams): Promise<h.DequeueHookResult> {
    return this.doExchange([], params);
  }

  protected async doWrite(writes: readonly h.TaskWrite[]): Promise<h.WriteHookResult> {
    const { now, replies } = await this.#write(writes);
    return { now, answers: writes.map((write, index) => writeAnswer(write, replies[index])) };
  }

  protected override async doExchange(
    writes: readonly h.TaskWrite[],
    { queues, limit, workerId, leaseMs, deadline, events }: h.DequeueHookParams,
  ): Promise<h.ExchangeHookResult> {
    // Where the client might send the command again, the call is stamped, so that it claims once.
    const stamp = this.#redis.resends ? `${this.#instance}:${++this.#claims}` : null;
    const places = queues.flatMap(({ name, limit: most }) => [name, most]);
    const claim = [limit, workerId, leaseMs, events.claimed, events.recovered, stamp, deadline, ...places];
    const { now, replies, last } =
      writes.length === 0
        ? await runEach(inSteps(this.#redis), "dequeue", [], codec.writeArguments, claim)
        : await this.#write(writes, claim);
    const answers = writes.map((write, index) => writeAnswer(write, replies[index]));
    if ((last as ClaimReply)[0] < 0) throw redisFailure(FAILURES.connectionLost, this.#redis.server);
    const { unreadable, ...tasks } = claimedTasks(last as ClaimReply);
    const run = inSteps(this.#redis, false);
    for (const id of unreadable) await run("set-aside", [id, ...queues.map(({ name }) => name)]);
    return { now, answers, ...tasks };
  }

  protected async doRenew(renewals: readonly h.RenewHookItem[]): Promise<h.RenewHookResult> {
    const { now, replies } = await runEach(inSteps(this.#redis), "renew", renewals, codec.renewArguments);
    return { now, answers: renewals.map((renewal, index) => renewAnswer(renewal, replies[index])) };
  }

  protected async doGetTask(taskId: string): Promise<h.StoredTask | null> {
    const row = (await this.#redis.run("get-task", [taskId])) as string | null;
    return row === null ? null : codec.unpackTask(taskId, row);
  }

  protected async doListTasks(params: h.ListHookParams): Promise<h.ListHookResult> {
    const filters = [params.queue, params.status, params.name];
    const page = await this.#page("list", params, filters, (row, id) => currentTask(id, row));
    return { tasks: page.found.map(recordOf), cursor: page.cursor };
  }

  protected async doCountTasks(): Promise<readonly h.TaskCount[]> {
    const counts = (await this.#redis.run("count", [])) as [string, h.TaskCount["status"], number][];
    return counts.map(([queue, status, count]) => ({ queue, status, count }));
  }

  protected async doListQueues(): Promise<readonly h.QueueInfo[]> {
    const found = await this.#redis.command("hgetall", this.#redis.key("queues"));
    const queues = Object.entries(found as Record<string, string>);
    return queues.map(([name, paused]) => ({ name, paused: paused === "1" }));
  }

  protected async doSetQueuePaused(name: string, paused: boolean): Promise<void> {
    await this.#redis.run("pause-queue", [name, paused ? "1" : "0"]);
  }

  protected async doPurge({ before, limit, status }: h.PurgeHookParams): Promise<number> {
    return removeUpTo(inSteps(this.#redis), "purge", limit, [before, status]);
  }

  protected async doNextDue(queues: readonly string[]): Promise<{ now: number; at: number | null }> {
    const [now, at] = (await this.#redis.run("next-due", queues)) as string[];
    return { now: Number(now), at: at ? Number(at) : null };
  }

  protected async doImportTasks(
    tasks: readonly h.ImportedTask[],
  ): Promise<readonly ("created" | "existing")[]> {
    const { replies } = await runEach(inSteps(this.#redis), "import", tasks, codec.importArguments);
    return replies.map((reply) => (reply === 1 ? "created" : "existing"));
  }

  protected async doGetResult({ taskId, run }: h.ResultKey): Promise<h.ResultRecord | null> {
    const found = (await this.#redis.run("get-result", [taskId, run])) as [string, string] | null;
    return found && codec.unpackResult(...found);
  }

  protected async doPutResult({ taskId, result, pendingToken }: h.ResultHookParams): Promise<void> {
    const packed = codec.packResult(result, pendingToken);
    await this.#redis.run("put-result", [taskId, result.run, result.ttlMs, packed]);
  }

  protected async doDeleteResult({ taskId, run }: h.ResultKey): Promise<boolean> {
    return Number(await this.#redis.run("delete-result", [taskId, run])) > 0;
  }

  protected async doPurgeResults(limit: number): Promise<number> {
    return removeUpTo(inSteps(this.#redis), "purge-results", limit, []);
  }

  protected override async doListResults(params: h.ListResultsHookParams): Promise<h.ListResultsHookResult> {
    const scan = ["HSCAN", this.#redis.key("results"), params.cursor ?? "0", "COUNT", params.limit] as const;
    const [cursor, entries] = (await this.#redis.command(...scan)) as [string, string[]];
    const results: h.ResultRecord[] = [];
    for (let at = 0; at < entries.length; at += 2)
      results.push(codec.unpackResult(entries[at] as string, entries[at + 1] as string));
    return { results, cursor: cursor === "0" ? null : cursor };
  }

  protected override async doImportResults(results: readonly h.ResultRecord[]): Promise<void> {
    await runEach(inSteps(this.#redis), "import-results", results, codec.importResultArguments);
  }

  protected override async doImportEvents(events: readonly h.EventImport[]): Promise<void> {
    await runEach(inSteps(this.#redis), "import-events", events, (event) => [codec.packEvent(event)]);
  }

  protected async doAppendEvents(events: readonly h.EventInsert[]): Promise<void> {
    await runEach(inSteps(this.#redis), "append-events", events, (event) => [codec.packEvent(event)]);
  }

  protected async doQueryEvents(params: h.EventsHookParams): Promise<h.EventsHookResult> {
    const { taskId, type, workerId, from, to } = params;
    const filters = [taskId, type, workerId, from, to];
    const page = await this.#page("query-events", params, filters, codec.unpackEvent, EVENT_STEPS);
    return { events: page.found, cursor: page.cursor };
  }

  protected async doPurgeEvents(before: number, limit: number): Promise<number> {
    return removeUpTo(inSteps(this.#redis), "purge-events", limit, [before]);
  }

  protected override async doNotify(): Promise<void> {
    await this.#redis.command("PUBLISH", this.#redis.key("wake"), "");
  }

  protected override async doWatch(onHint: () => void): Promise<h.Watch | null> {
    return listen(this.#redis.client, this.#redis.key("wake"), this.#settings.timeoutMs, onHint);
  }

  /** Makes writes, in the way of those that end leases alike where they do; then claims, if there are arguments for it. */
  async #write(writes: readonly h.TaskWrite[], claim: readonly Argument[] = []) {
    if (areAlikeEnds(writes)) {
      const [part = [], ...others] = partsOf(writes, codec.endArguments);
      if (others.length === 0) {
        const args = [...codec.sharedArguments(writes[0] as h.PlainEnd), ...part, ...claim];
        const [now, isMade, last] = (await this.#redis.run("exchange-alike", args)) as unknown[];
        if (isMade === 1) return { now: Number(now), replies: writes.map(() => 1), last };
      }
    }
    return runEach(inSteps(this.#redis), "exchange", writes, codec.writeArguments, claim);
  }

  get #redis(): Connection {
    if (!this.#connection) throw new StorageError("not_open", "The store is not open");
    return this.#connection;
  }

  /** Looks through a list for what fits, as far as it has to or in so many steps. A cursor tells where to go on. */
  async #page<T extends { readonly sequence: number }>(
    name: string,
    { cursor, limit }: { readonly cursor: string | null; readonly limit: number },
    filters: readonly Argument[],
    unpack: (text: string, key: string) => T | null,
    steps = Infinity,
  ): Promise<{ readonly found: readonly T[]; readonly cursor: string | null }> {
    const found: T[] = [];
    let last = cursor ?? "-1";
    for (let step = 0; step < steps && last !== "" && found.length <= limit; step++) {
      const args = [last, limit + 1 - found.length, ...filters];
      const [next, entries] = (await this.#redis.run(name, args)) as [string, [key: string, text: string][]];
      found.push(...entries.flatMap(([key, text]) => unpack(text, key) ?? []));
      last = next;
    }
    if (found.length <= limit) return { found, cursor: last || null };
    return { found: found.slice(0, limit), cursor: String(found[limit - 1]?.sequence) };
  }
}
