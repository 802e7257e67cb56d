import { join } from "node:path";
import {
  ClosedError,
  Interval,
  InvalidTransitionError,
  NotFoundError,
  StorageError,
  TaskError,
  ValidationError,
} from "@omniq/core";
import { BaseStorage, type ClaimedTask } from "@omniq/core/storage";
import { STORAGE_METHODS, StorageSync, TaskQueueSync } from "@omniq/sync";
import { temporaryFolder } from "@omniq/test-support/temporary-folder";
import { describe, expect, expectTypeOf, it, onTestFinished } from "vitest";
import { MEMORY, SQLITE } from "./support/modules.ts";

/** The public methods of T that answer a promise. */
type PromiseMethods<T> = {
  [K in keyof T]: T[K] extends (...args: never) => Promise<unknown> ? K : never;
}[keyof T];

function memory(options: object = {}): StorageSync {
  const storage = new StorageSync({ module: MEMORY, ...options });
  onTestFinished(() => storage.close());
  return storage;
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown");
}

function claim(storage: StorageSync): ClaimedTask {
  const [task] = storage.dequeue({ workerId: "w", limit: 1, leaseMs: 30_000 }).tasks;
  if (!task) throw new Error("There was no task");
  return task;
}

describe("a StorageSync", () => {
  it("S2.1 S2.2 S2.3 has every method of the contract", () => {
    // The compiler compares: only types know which methods are protected.
    type Listed = (typeof STORAGE_METHODS)[number] | "close" | "destroy";
    expectTypeOf<Exclude<PromiseMethods<BaseStorage>, Listed | typeof Symbol.asyncDispose>>().toBeNever();
    for (const name of [...STORAGE_METHODS, "close", "destroy"] as const) {
      expect(BaseStorage.prototype[name]).toBeTypeOf("function");
      expect(StorageSync.prototype[name]).toBeTypeOf("function");
    }
  });

  it("S2.9 S2.12 S2.14 answers with values, never with promises, and others see what it wrote", () => {
    const url = `sqlite:${join(temporaryFolder(), "jobs.db")}`;
    using storage = new StorageSync({ module: SQLITE, url, events: "all" });
    using other = new StorageSync({ module: SQLITE, url });
    const answers: unknown[] = [];
    const ask = <T>(answer: T): T => {
      answers.push(answer);
      return answer;
    };
    const task = (id: string): { id: string; name: string; payload: unknown } => ({
      id,
      name: "n",
      payload: [id],
    });
    ask(storage.open());
    ask(storage.describe());
    ask(storage.enqueue({ groups: ["a", "b", "c", "d", "e"].map((id) => [task(id)]) }));
    ask(
      storage.schedule({
        ...task("s"),
        recurrence: { everyMs: 1000, cadence: "after", missed: "skip", onFailure: "continue" },
      } as never),
    );
    ask(storage.pauseSchedule("s"));
    ask(storage.resumeSchedule("s"));
    ask(storage.deleteTask("s"));
    const held = ask(storage.dequeue({ workerId: "w", limit: 1, leaseMs: 30_000 })).tasks[0] as ClaimedTask;
    expect(ask(storage.decodePayload(held.record))).toEqual(["a"]);
    ask(storage.renew({ renewals: [{ lease: held.lease, leaseMs: 60_000 }] }));
    ask(
      storage.settle({
        settlements: [{ task: held, outcome: { kind: "complete", result: { done: true } } }],
      }),
    );
    ask(
      storage.exchange({
        settle: { settlements: [] },
        dequeue: { workerId: "w", limit: 1, leaseMs: 30_000 },
      }),
    );
    ask(storage.cancel("c"));
    ask(storage.retryTask("c"));
    ask(storage.reschedule("c", new Date(Date.UTC(2030, 0, 1))));
    ask(storage.hold("d", "waits"));
    ask(storage.unhold("d", "waits"));
    ask(storage.deleteTask("e"));
    ask(storage.pauseQueue("default"));
    ask(storage.resumeQueue("default"));
    expect(ask(other.getTask("c"))?.schedule.eta).toEqual(new Date(Date.UTC(2030, 0, 1)));
    expect(ask(other.getResult("a"))?.value).toEqual({ done: true });
    expect(ask(other.countTasks())).toContainEqual({ queue: "default", status: "SUCCESS", count: 1 });
    expect(ask(other.listTasks()).tasks).toHaveLength(4);
    expect(ask(other.listQueues())).toHaveLength(1);
    expect(ask(other.queryEvents({ taskId: "a" })).events.map(({ type }) => type)).toEqual([
      "enqueued",
      "started",
      "completed",
    ]);
    ask(storage.nextDue());
    ask(storage.importTasks([]));
    const { results } = ask(storage.listResults());
    ask(storage.importResults(results));
    ask(storage.putResult({ taskId: "d", run: 1, status: "SUCCESS", value: null }));
    expect(ask(other.getResult("d"))?.value).toBeNull();
    expect(ask(storage.deleteResult("d"))).toBe(true);
    ask(storage.purgeResults());
    ask(storage.appendEvents([]));
    ask(storage.importEvents([]));
    expect(ask(storage.purgeEvents({ before: Date.UTC(2100, 0, 1) }))).toBeGreaterThan(0);
    expect(ask(storage.purge({ before: Date.UTC(2100, 0, 1) }))).toBe(1);
    ask(ask(storage.watch(() => {})).close());
    expect(
      answers.filter((answer) => typeof (answer as { then?: unknown } | undefined)?.then === "function"),
    ).toEqual([]);
    ask(other.close());
    ask(storage.destroy());
    expect(answers.length).toBeGreaterThan(STORAGE_METHODS.length);
  });

  it("brings values back as they are: dates, intervals, task errors, undefined, texts of any kind", () => {
    const storage = memory();
    const payload = { list: [1, { deep: null }], text: "\u0000\uD800 é", ["__proto__"]: 1 };
    storage.enqueue({
      groups: [
        [
          {
            id: "t",
            name: "n",
            payload,
            recurrence: { everyMs: 1500, cadence: "after", missed: "skip", onFailure: "continue" },
          } as never,
        ],
      ],
    });
    const error = new TaskError(
      { errorType: "resource", message: "no paper", retryCount: 2, timestamp: new Date(5) },
      { context: { tray: 2 } },
    );
    const task = claim(storage);
    storage.settle({ settlements: [{ task, outcome: { kind: "fail", error } }] });
    const stored = storage.getTask("t");
    expect(stored?.payload).toEqual(payload);
    expect(stored?.createdAt).toBeInstanceOf(Date);
    expect(stored?.schedule.interval).toBeInstanceOf(Interval);
    expect(stored?.schedule.interval?.totalSeconds()).toBe(1.5);
    const failed = storage.getResult("t")?.error;
    expect(failed).toBeInstanceOf(TaskError);
    expect(failed?.toJSON()).toEqual({ ...error.toJSON(), traceback: failed?.traceback });
    expect(failed?.context).toEqual({ tray: 2 });
    expect(failed?.incrementRetry().retryCount).toBe(3);
    expect(storage.getTask("nobody")).toBeNull();
    expect(storage.close()).toBeUndefined();
  });

  it("throws what the store rejects, of its class, with its fields", () => {
    const storage = memory();
    storage.enqueue({ groups: [[{ id: "t", name: "n", payload: null }]] });
    const missing = thrownBy(() => storage.reschedule("nobody", new Date()));
    expect(missing).toBeInstanceOf(NotFoundError);
    expect(missing).toMatchObject({
      name: "NotFoundError",
      code: "not_found",
      taskId: "nobody",
      retryable: false,
      outcome: "not-applied",
      message: "Task nobody not found",
    });
    expect((missing as Error).stack).toContain("storage.test.ts");
    const moved = thrownBy(() => storage.retryTask("t"));
    expect(moved).toBeInstanceOf(InvalidTransitionError);
    expect(moved).toMatchObject({ operation: "retry", status: "PENDING" });
    const bad = thrownBy(() => storage.getTask(""));
    expect(bad).toBeInstanceOf(ValidationError);
    expect(bad).toMatchObject({ code: "invalid_id", field: "id" });
    const answer = storage.enqueue({ groups: [[{ name: "n", payload: { a: [() => 1] } }]] }).groups[0]?.[0];
    expect(answer).toMatchObject({
      status: "error",
      error: { code: "not_serializable", path: "payload.a[0]" },
    });
    class Foo {
      readonly a = 1;
    }
    const other = storage.enqueue({ groups: [[{ name: "n", payload: new Foo() }]] }).groups[0]?.[0];
    expect(other?.status === "error" && other.error.message).toContain("is an instance of Foo");
    const via = thrownBy(() => storage.enqueue({ groups: [], via: {} }));
    expect(via).toMatchObject({ code: "via_unsupported" });
    const queue = new TaskQueueSync({ storage });
    const item = { task: "n", payload: { via: "a payload's own" } };
    for (const enqueue of [
      () => queue.enqueue("n", null, { via: {} } as object),
      () => queue.enqueueMany([item], { via: {} }),
    ])
      expect(thrownBy(enqueue)).toMatchObject({ code: "via_unsupported" });
  });

  it("keeps the cause of an error", () => {
    const storage = new StorageSync({ module: SQLITE, url: `sqlite:${temporaryFolder()}` });
    onTestFinished(() => storage.close());
    const error = thrownBy(() => storage.open()) as Error;
    expect(error).toBeInstanceOf(StorageError);
    expect(error).toMatchObject({ code: "cannot_open" });
    expect(error.cause).toBeInstanceOf(Error);
  });

  it("asks for functions of the caller's while it waits: a clock, a serializer, hints", () => {
    let now = Date.UTC(2026, 0, 1);
    class Upper {
      readonly format = "upper";
      encode(value: unknown): string {
        return JSON.stringify({ upper: value });
      }
      decode(text: string): unknown {
        return (JSON.parse(text) as { upper: unknown }).upper;
      }
    }
    const clock = { now: () => now, setTimer: () => ({ cancel: () => {} }) };
    const storage = memory({ clock, serializer: new Upper() });
    let hints = 0;
    const watch = storage.watch(() => void hints++);
    storage.enqueue({ groups: [[{ id: "t", name: "n", payload: { a: 1 }, due: { inMs: 1000 } }]] });
    expect(hints).toBeGreaterThan(0);
    watch.close();
    const before = hints;
    expect(storage.dequeue({ workerId: "w", limit: 1, leaseMs: 1000 }).tasks).toEqual([]);
    storage.enqueue({ groups: [[{ name: "n", payload: null, due: { inMs: 2000 } }]] });
    expect(hints).toBe(before);
    now += 1000;
    const task = claim(storage);
    expect(task.record.payload).toBe('{"upper":{"a":1}}');
    expect(storage.getTask("t")?.payload).toEqual({ a: 1 });
    expect(storage.getTask("t")?.createdAt).toEqual(new Date(Date.UTC(2026, 0, 1)));
  });

  it("refuses a blocking call from a function that a blocking call asks for, instead of waiting for ever", () => {
    let inner: unknown;
    const clock = {
      now: (): number => {
        inner ??= thrownBy(() => storage.countTasks());
        return 0;
      },
      setTimer: () => ({ cancel: () => {} }),
    };
    const storage = memory({ clock });
    storage.enqueue({ groups: [[{ name: "n", payload: null }]] });
    expect(inner).toBeInstanceOf(TypeError);
  });

  it("S1.14 does nothing until it is called, and nothing after it was closed", () => {
    const unused = new StorageSync("sqlite:/nowhere/at/all/jobs.db");
    expect(unused.thread.isRunning).toBe(false);
    unused.close();
    unused.close();
    expect(thrownBy(() => unused.getTask("t"))).toBeInstanceOf(ClosedError);
    const used = memory();
    used.countTasks();
    used.close();
    used.close();
    expect(thrownBy(() => used.countTasks())).toBeInstanceOf(ClosedError);
  });

  it.each([
    [{ callTimeout: "never" }, "invalid_duration"],
    [{ callTimeout: 0 }, "invalid_call_timeout"],
    [{ module: 7 }, "invalid_module"],
  ])("refuses %j", (options, code) => {
    const error = thrownBy(() => new StorageSync(options as never));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ code });
  });

  it("refuses a module that is no adapter", () => {
    const storage = memory({ module: new URL("fixtures/no-tasks.ts", import.meta.url) });
    expect(thrownBy(() => storage.open())).toMatchObject({ code: "invalid_adapter", field: "module" });
  });
});
