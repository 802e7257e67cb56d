import assert from "node:assert/strict";
import { JsonSerializer, PayloadTooLargeError } from "@omniq/core";
import { DEFAULT_CAPABILITIES, DEFAULT_MAX_RETRIES, DEFAULT_QUEUE } from "@omniq/core/storage";
import { describe, it } from "vitest";
import type { NewTask } from "../src/storage/params.ts";
import { type PrepareContext, encodeValue, prepareTask } from "../src/storage/prepare-task.ts";
import { NOW } from "./support/records.ts";

const context: PrepareContext = {
  serializer: new JsonSerializer(),
  ids: () => "minted",
  capabilities: { ...DEFAULT_CAPABILITIES, maxPayloadBytes: 100, maxIdBytes: 20 },
  eventLevel: "all",
  now: () => NOW + 0.4,
};

const recurrence = { everyMs: 60_000, cadence: "after", missed: "skip", onFailure: "continue" } as const;

function prepared(task: Partial<NewTask> = {}): ReturnType<typeof prepareTask> {
  return prepareTask({ name: "greet", ...task }, context);
}

describe("a new task", () => {
  it("needs only a name", () => {
    const { contentDigest, ...insert } = prepared();
    assert.match(contentDigest, /^[\w-]{22}$/);
    assert.deepEqual(insert, {
      id: "minted",
      name: "greet",
      queue: DEFAULT_QUEUE,
      priority: 0,
      payload: "null",
      format: "json",
      schedule: null,
      scheduleVersion: 1,
      maxRetries: DEFAULT_MAX_RETRIES,
      timeout: null,
      policies: null,
      headers: null,
      concurrencyKey: null,
      due: { inMs: 0 },
      dedupe: null,
      clearsResults: false,
      event: { taskId: "minted", type: "enqueued", run: 1, attempt: 0, workerId: null, data: null },
    });
  });

  it("whose id was chosen may find results of an earlier one, which go", () => {
    assert.equal(prepared({ id: "chosen" }).clearsResults, true);
  });

  it("brings its event only where the level keeps it", () => {
    assert.equal(prepareTask({ name: "greet" }, { ...context, eventLevel: "errors" }).event, null);
  });

  it("takes what stands at the limits", () => {
    const insert = prepared({
      id: "i".repeat(20),
      queue: "\u{1F600}".repeat(5),
      priority: -32_768,
      maxRetries: 0,
      timeoutMs: 1,
      concurrencyKey: "k",
      headers: { trace: "t" },
      policies: { keep: "none", resultTtlMs: null, maxRecoveries: 0 },
      dedupe: { key: "k", windowMs: 1, debounce: true },
      due: { at: 0 },
      payload: "p".repeat(98),
    });
    assert.deepEqual(insert.dedupe, { key: "k", windowMs: 1, debounce: true });
    assert.equal(insert.headers, '{"trace":"t"}');
    assert.equal(insert.policies, '{"keep":"none","resultTtlMs":null,"maxRecoveries":0}');
  });

  it("with a dedupe key alone has it for as long as the live task lives", () => {
    assert.deepEqual(prepared({ dedupe: { key: "k" } }).dedupe, {
      key: "k",
      windowMs: null,
      debounce: false,
    });
  });

  it("takes no room for headers and policies that say nothing", () => {
    const insert = prepared({ headers: {}, policies: { keep: "all" } });
    assert.deepEqual([insert.headers, insert.policies], [null, null]);
  });
});

describe("a recurring task", () => {
  it("has no anchor where it repeats after its end", () => {
    assert.equal(prepared({ recurrence }).schedule, JSON.stringify({ ...recurrence, anchorMs: null }));
  });

  it.each<[due: NewTask["due"], anchorMs: number]>([
    [{ at: NOW + 500 }, NOW + 500],
    [{ inMs: 500 }, NOW + 500],
    [undefined, NOW],
  ])("on a fixed grid is anchored at its first due time: %o", (due, anchorMs) => {
    const insert = prepared({ recurrence: { ...recurrence, cadence: "fixed" }, ...(due && { due }) });
    assert.equal((JSON.parse(insert.schedule as string) as { anchorMs: number }).anchorMs, anchorMs);
    assert.deepEqual(insert.due, { at: anchorMs });
  });
});

describe("the digest of a task's content", () => {
  const digest = prepared().contentDigest;

  it.each<[what: string, task: Partial<NewTask>]>([
    ["its id", { id: "other" }],
    ["headers", { headers: { trace: "t" } }],
    ["a dedupe key", { dedupe: { key: "k" } }],
    [
      "defaults that are spelled out",
      { payload: null, queue: "default", priority: 0, maxRetries: 3, due: { inMs: 0 } },
    ],
  ])("does not count %s", (_what, task) => {
    assert.equal(prepared(task).contentDigest, digest);
  });

  it.each<[what: string, task: Partial<NewTask>]>([
    ["its name", { name: "other" }],
    ["its payload", { payload: 1 }],
    ["its queue", { queue: "other" }],
    ["its priority", { priority: 1 }],
    ["its delay", { due: { inMs: 1 } }],
    ["its retries", { maxRetries: 1 }],
    ["its timeout", { timeoutMs: 1 }],
    ["its policies", { policies: { keep: "none" } }],
    ["its recurrence", { recurrence }],
  ])("counts %s", (_what, task) => {
    assert.notEqual(prepared(task).contentDigest, digest);
  });

  it("does not count the instant at which a grid was anchored", () => {
    const task: NewTask = { name: "greet", recurrence: { ...recurrence, cadence: "fixed" } };
    const [one, later] = [NOW, NOW + 5].map((now) => prepareTask(task, { ...context, now: () => now }));
    assert.equal(one?.contentDigest, later?.contentDigest);
  });
});

describe("a task is refused", () => {
  it.each<[code: string, task: Readonly<Record<string, unknown>>, field: string]>([
    ["invalid_id", { id: "" }, "id"],
    ["invalid_id", { id: 5 }, "id"],
    ["invalid_id", { id: "a\0b" }, "id"],
    ["invalid_id", { id: "a\ud800" }, "id"],
    ["invalid_id", { id: "i".repeat(21) }, "id"],
    ["invalid_id", { id: "\u00e9".repeat(11) }, "id"],
    ["invalid_name", { name: "" }, "name"],
    ["invalid_name", { name: null }, "name"],
    ["invalid_name", { name: undefined }, "name"],
    ["invalid_queue", { queue: "" }, "queue"],
    ["invalid_queue", { queue: null }, "queue"],
    ["invalid_priority", { priority: 1.5 }, "priority"],
    ["invalid_priority", { priority: "1" }, "priority"],
    ["invalid_priority", { priority: Number.NaN }, "priority"],
    ["invalid_priority", { priority: 32_768 }, "priority"],
    ["invalid_priority", { priority: -32_769 }, "priority"],
    ["invalid_max_retries", { maxRetries: -1 }, "maxRetries"],
    ["invalid_max_retries", { maxRetries: Number.POSITIVE_INFINITY }, "maxRetries"],
    ["invalid_max_retries", { maxRetries: 2 ** 31 }, "maxRetries"],
    ["invalid_timeout", { timeoutMs: 0 }, "timeout"],
    ["invalid_timeout", { timeoutMs: -1 }, "timeout"],
    ["invalid_timeout", { timeoutMs: 0.5 }, "timeout"],
    ["invalid_concurrency_key", { concurrencyKey: "" }, "concurrencyKey"],
    ["invalid_eta", { due: { at: -1 } }, "eta"],
    ["invalid_eta", { due: { at: Number.NaN } }, "eta"],
    ["invalid_eta", { due: { at: Date.UTC(10_000, 0) } }, "eta"],
    ["invalid_eta", { due: { at: new Date(NOW) } }, "eta"],
    ["invalid_delay", { due: { inMs: -1 } }, "delay"],
    ["invalid_delay", { due: { inMs: 1001 * 366 * 86_400_000 } }, "delay"],
    ["invalid_delay", { due: {} }, "delay"],
    ["invalid_interval", { recurrence: { ...recurrence, everyMs: 0 } }, "interval"],
    ["invalid_cadence", { recurrence: { ...recurrence, cadence: "often" } }, "cadence"],
    ["invalid_missed", { recurrence: { ...recurrence, missed: "some" } }, "missed"],
    ["invalid_on_failure", { recurrence: { ...recurrence, onFailure: "halt" } }, "onFailure"],
    ["unknown_option", { recurrence: { ...recurrence, anchorMs: 5 } }, "anchorMs"],
    ["unknown_option", { policies: { kep: "all" } }, "kep"],
    ["invalid_keep", { policies: { keep: "some" } }, "keep"],
    ["invalid_result_ttl", { policies: { resultTtlMs: -1 } }, "resultTtl"],
    ["invalid_max_recoveries", { policies: { maxRecoveries: -1 } }, "maxRecoveries"],
    ["invalid_max_recoveries", { policies: { maxRecoveries: 1001 } }, "maxRecoveries"],
    ["invalid_retry", { policies: { retry: "fixed" } }, "retry"],
    [
      "invalid_retry_strategy",
      { policies: { retry: { strategy: "x", baseMs: 1, maxMs: 1 } } },
      "retry.strategy",
    ],
    ["invalid_due", { due: "now" }, "due"],
    ["unknown_option", { dedupe: { key: "k", window: 5 } }, "window"],
    ["invalid_dedupe_key", { dedupe: { key: "" } }, "dedupeKey"],
    ["invalid_dedupe_window", { dedupe: { key: "k", windowMs: 0 } }, "dedupeWindow"],
    ["invalid_headers", { headers: { trace: 5 } }, "headers.trace"],
  ])("as %s: %o", (code, task, field) => {
    assert.throws(() => prepared(task), { name: "ValidationError", code, field });
  });

  it.each([[null], [undefined], ["greet"]])("where it is no object: %o", (task) => {
    assert.throws(() => prepareTask(task as unknown as NewTask, context), {
      code: "invalid_task",
      field: "task",
    });
  });

  it("for a payload that JSON cannot hold, with the path", () => {
    assert.throws(() => prepared({ payload: { items: [{ price: 5n }] } }), {
      name: "SerializationError",
      code: "not_serializable",
      path: "payload.items[0].price",
    });
  });

  it("for a payload that is too large, with both sizes", () => {
    assert.throws(() => prepared({ payload: "\u00e9".repeat(50) }), {
      name: PayloadTooLargeError.name,
      code: "payload_too_large",
      field: "payload",
      bytes: 102,
      maxBytes: 100,
    });
  });

  it("with a message that shows scalars, and nothing of an object", () => {
    const shown = (id: unknown): string => {
      try {
        prepared({ id: id as string });
      } catch (error) {
        return (error as Error).message;
      }
      return "";
    };
    assert.equal(shown(5), "id 5 is not usable: it must be a text.");
    assert.equal(shown({ secret: 1 }), "id (an object) is not usable: it must be a text.");
    assert.equal(shown(["secret"]), "id (an array) is not usable: it must be a text.");
    assert.equal(
      shown(() => "secret"),
      "id (a function) is not usable: it must be a text.",
    );
    assert.equal(
      shown("x".repeat(61)),
      `id "${"x".repeat(60)}..." is not usable: it must be at most 20 bytes of UTF-8.`,
    );
  });
});

describe("an encoded value", () => {
  it("may take just as much as the store does", () => {
    assert.equal(encodeValue(context.serializer, "p".repeat(98), "result", 100).length, 100);
    assert.throws(() => encodeValue(context.serializer, "p".repeat(99), "result", 100), {
      code: "result_too_large",
      field: "result",
      bytes: 101,
    });
  });

  it.each([
    ["a promise", Promise.resolve("x")],
    ["nothing", undefined],
    ["an object", {}],
  ])("must be a text, and is refused where it is %s", (_what, encoded) => {
    const serializer = { ...context.serializer, encode: () => encoded as never };
    assert.throws(() => encodeValue(serializer, 1, "payload", 100), {
      name: "SerializationError",
      code: "not_serializable",
      path: "payload",
    });
  });
});
