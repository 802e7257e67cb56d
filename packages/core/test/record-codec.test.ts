import assert from "node:assert/strict";
import { Interval, JsonSerializer, type Serializer, TaskError } from "@omniq/core";
import type { EventRecord, ResultRecord, TaskRecord } from "@omniq/core/storage";
import { describe, it } from "vitest";
import {
  decodeEvent,
  decodePayload,
  decodePolicies,
  decodeRecurrence,
  decodeResult,
  decodeTask,
  encodeError,
  encodeHolds,
  encodePolicies,
} from "../src/model/record-codec.ts";
import { DEFAULT_POLICIES } from "../src/model/task-policies.ts";
import { NOW, taskRecord } from "./support/records.ts";

const json = new JsonSerializer();
const error = new TaskError({ errorType: "network", message: "m", timestamp: new Date(NOW), retryCount: 1 });
const schedule = { everyMs: 60_000, cadence: "fixed", anchorMs: NOW, missed: "once", onFailure: "stop" };

const resultRecord: ResultRecord = {
  taskId: "task-1",
  run: 2,
  status: "SUCCESS",
  value: '{"sum":3}',
  format: "json",
  error: null,
  attempts: 1,
  startedAt: NOW,
  finishedAt: NOW + 5,
  expiresAt: NOW + 10,
  pendingToken: null,
};

const eventRecord: EventRecord = {
  sequence: 9,
  taskId: "task-1",
  type: "failed",
  timestamp: NOW,
  run: 1,
  attempt: 2,
  workerId: "worker-1",
  data: '{"error_type":"network"}',
};

describe("a stored task, read", () => {
  it("has dates, values and defaults for the columns", () => {
    assert.deepEqual(decodeTask(taskRecord(), json), {
      id: "task-1",
      name: "greet",
      queue: "default",
      priority: 0,
      payload: null,
      status: "RUNNING",
      schedule: {
        eta: new Date(NOW),
        interval: null,
        cadence: "after",
        cron: null,
        timeZone: null,
        missed: "skip",
        onFailure: "continue",
        paused: false,
      },
      maxRetries: 3,
      timeoutMs: null,
      retry: null,
      keep: "all",
      resultTtlMs: 86_400_000,
      maxRecoveries: 3,
      run: 1,
      attempts: 1,
      failures: 0,
      recoveries: 0,
      error: null,
      progress: null,
      holds: [],
      headers: {},
      concurrencyKey: null,
      dedupeKey: null,
      createdAt: new Date(NOW),
      updatedAt: new Date(NOW),
      lastAttemptAt: new Date(NOW),
      finishedAt: null,
      workerId: "worker-1",
      leaseUntil: new Date(NOW + 30_000),
    });
  });

  it("has what the JSON texts hold", () => {
    const task = decodeTask(
      taskRecord({
        payload: '{"to":"Ada"}',
        schedule: JSON.stringify(schedule),
        policies: '{"keep":"result","resultTtlMs":null}',
        error: encodeError(error),
        progress: '{"done":5}',
        holds: '["budget"]',
        headers: '{"trace":"t"}',
        finishedAt: NOW,
      }),
      json,
    );
    assert.deepEqual(task.payload, { to: "Ada" });
    assert.deepEqual(task.schedule.interval, new Interval(60_000));
    assert.deepEqual(
      [task.schedule.cadence, task.schedule.missed, task.schedule.onFailure],
      ["fixed", "once", "stop"],
    );
    assert.deepEqual([task.keep, task.resultTtlMs, task.maxRecoveries], ["result", null, 3]);
    assert.deepEqual(task.error?.toJSON(), error.toJSON());
    assert.deepEqual(task.progress, { done: 5 });
    assert.deepEqual(task.holds, ["budget"]);
    assert.deepEqual(task.headers, { trace: "t" });
    assert.deepEqual(task.finishedAt, new Date(NOW));
  });

  it("leaves out columns that this release does not know", () => {
    const record = { ...taskRecord(), shard: 4 };
    assert.ok(!("shard" in decodeTask(record, json)));
  });

  it.each<[column: keyof TaskRecord, text: string, what: string]>([
    ["payload", "{", "payload"],
    ["schedule", "{", "schedule"],
    ["schedule", "null", "schedule"],
    ["schedule", "{}", "schedule"],
    ["schedule", '{"everyMs":0,"anchorMs":null}', "schedule"],
    ["schedule", '{"everyMs":"often","anchorMs":null}', "schedule"],
    ["schedule", '{"everyMs":60000,"cadence":"fixed"}', "schedule"],
    ["schedule", '{"everyMs":60000,"cadence":"fixed","anchorMs":"noon"}', "schedule"],
    ["policies", "{", "policies"],
    ["error", "{", "error"],
    ["error", "null", "error"],
    ["error", '{"message":"no type"}', "error"],
    ["error", '{"error_type":"x","message":"m","timestamp":"noon"}', "error"],
    ["progress", "{", "progress"],
    ["holds", "[", "holds"],
    ["headers", "{", "headers"],
  ])("whose %s is %s is corrupt, and named", (column, text, what) => {
    assert.throws(() => decodeTask(taskRecord({ [column]: text }), json), {
      name: "CorruptRecordError",
      code: "corrupt_record",
      recordId: "task-1",
      message: `Record task-1 is corrupt: its ${what} cannot be read`,
      retryable: false,
      outcome: "not-applied",
    });
  });
});

it("a corrupt record keeps what was wrong as the cause", () => {
  assert.throws(
    () => decodeTask(taskRecord({ payload: "{" }), json),
    ({ cause }: Error) => cause instanceof SyntaxError,
  );
});

describe("a payload", () => {
  it("is read by the serializer that wrote it", () => {
    const reversed: Serializer = {
      format: "reversed",
      encode: String,
      decode: (text) => text.split("").toReversed().join(""),
    };
    assert.equal(decodePayload(taskRecord({ payload: "olleh", format: "reversed" }), reversed), "hello");
  });

  it("of another format is refused, and both are named", () => {
    assert.throws(() => decodePayload(taskRecord({ format: "msgpack" }), json), {
      name: "SerializationError",
      code: "not_deserializable",
      path: "payload",
      message:
        'The payload of task task-1 was written as "msgpack", and this store reads "json". ' +
        "Open the store with the serializer that wrote it.",
    });
  });
});

describe("policies", () => {
  it("that are the defaults take no room", () => {
    assert.equal(encodePolicies(DEFAULT_POLICIES), null);
    assert.equal(decodePolicies(taskRecord()), DEFAULT_POLICIES);
  });

  it("keep what differs, a null too", () => {
    const policies = { ...DEFAULT_POLICIES, resultTtlMs: null, maxRecoveries: 0 };
    const text = encodePolicies(policies);
    assert.equal(text, '{"resultTtlMs":null,"maxRecoveries":0}');
    assert.deepEqual(decodePolicies(taskRecord({ policies: text })), policies);
  });
});

describe("a recurrence", () => {
  it("is none for a task that runs once", () => {
    assert.equal(decodeRecurrence(taskRecord()), null);
  });

  it("is read as it was written", () => {
    assert.deepEqual(decodeRecurrence(taskRecord({ schedule: JSON.stringify(schedule) })), schedule);
  });
});

describe("holds", () => {
  it("that are none take no room", () => {
    assert.equal(encodeHolds([]), null);
    assert.equal(encodeHolds(["budget"]), '["budget"]');
  });
});

describe("a stored error", () => {
  it("is the six keys, and the details beside them where there are any", () => {
    assert.deepEqual(JSON.parse(encodeError(error)), error.toJSON());
    const detailed = new TaskError({ errorType: "x", message: "m" }, { context: { a: 1 } });
    assert.deepEqual(JSON.parse(encodeError(detailed)), {
      ...detailed.toJSON(),
      details: { context: { a: 1 } },
    });
  });

  it("comes back with its details, unknown keys ignored", () => {
    const stored = JSON.stringify({ ...error.toJSON(), details: { maxRetries: 4, hint: "h" }, severity: 1 });
    const read = decodeTask(taskRecord({ error: stored }), json).error;
    assert.equal(read?.maxRetries, 4);
    assert.deepEqual(read.toJSON(), error.toJSON());
  });

  it("goes without details that JSON cannot hold", () => {
    const odd = new TaskError({ errorType: "x", message: "m" }, { context: { big: 5n } });
    assert.deepEqual(JSON.parse(encodeError(odd)), odd.toJSON());
  });
});

describe("a stored result, read", () => {
  it("has dates and its value", () => {
    assert.deepEqual(decodeResult(resultRecord, json), {
      taskId: "task-1",
      run: 2,
      status: "SUCCESS",
      value: { sum: 3 },
      error: null,
      attempts: 1,
      startedAt: new Date(NOW),
      finishedAt: new Date(NOW + 5),
      expiresAt: new Date(NOW + 10),
    });
  });

  it("of a failure has its error, and no value, whatever its format", () => {
    const record: ResultRecord = {
      ...resultRecord,
      status: "FAILED",
      value: null,
      format: "msgpack",
      error: encodeError(error),
      startedAt: null,
      expiresAt: null,
    };
    const read = decodeResult(record, json);
    assert.deepEqual([read.value, read.startedAt, read.expiresAt], [null, null, null]);
    assert.deepEqual(read.error?.toJSON(), error.toJSON());
  });

  it("is corrupt, or of another format, by name", () => {
    assert.throws(() => decodeResult({ ...resultRecord, value: "{" }, json), {
      code: "corrupt_record",
      message: "Record task-1 is corrupt: its result cannot be read",
    });
    assert.throws(() => decodeResult({ ...resultRecord, error: "{" }, json), { code: "corrupt_record" });
    assert.throws(() => decodeResult({ ...resultRecord, format: "x" }, json), {
      code: "not_deserializable",
      path: "result",
    });
  });
});

describe("a stored event, read", () => {
  it("has a date and its facts", () => {
    assert.deepEqual(decodeEvent(eventRecord), {
      ...eventRecord,
      timestamp: new Date(NOW),
      data: { error_type: "network" },
    });
    assert.equal(decodeEvent({ ...eventRecord, data: null }).data, null);
  });

  it("is corrupt by the id of its task", () => {
    assert.throws(() => decodeEvent({ ...eventRecord, data: "{" }), {
      code: "corrupt_record",
      recordId: "task-1",
    });
  });
});
