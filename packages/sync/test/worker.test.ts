import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  StorageError,
  TaskError,
  type TaskId,
  TaskQueue,
  type TaskResult,
  ValidationError,
  WaitTimeoutError,
  defineTask,
  silentLogger,
} from "@omniq/core";
import { OmniQSync, StorageSync, TaskQueueSync, WorkerPoolSync } from "@omniq/sync";
import { temporaryFolder } from "@omniq/test-support/temporary-folder";
import { describe, expect, expectTypeOf, it, onTestFinished } from "vitest";
import { MEMORY, SQLITE, TASKS } from "./support/modules.ts";
import { QUEUE_METHODS } from "../src/queue-sync.ts";
import { greet } from "./fixtures/tasks.ts";

function open(options: object = {}): OmniQSync {
  const omniq = OmniQSync.open({
    url: "memory:",
    module: MEMORY,
    tasks: TASKS,
    logger: silentLogger,
    ...options,
  });
  onTestFinished(() => omniq.close());
  return omniq;
}

function queueOver(storage: StorageSync): TaskQueueSync {
  onTestFinished(() => storage.close());
  return new TaskQueueSync({ storage, tasks: [TASKS] });
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown");
}

describe("without a promise", () => {
  it("S4.97 enqueues, works and reads results; handlers run in the thread", () => {
    const omniq = open();
    const id = omniq.enqueue(greet, { name: "Ada" });
    const [place] = omniq.enqueueMany([{ task: "where", payload: null }]);
    expect(omniq.worker().processTasks()).toBe(2);
    expect(omniq.getResult(id)?.value).toBe("Hello Ada");
    expect(omniq.getResult(place)?.value).toBe("thread");
    expect(omniq.countTasks()).toEqual([{ queue: "default", status: "SUCCESS", count: 2 }]);
    expect(omniq.storage.getTask(id)?.status).toBe("SUCCESS");
  });

  it("S4.97 waits for a result while a started worker goes on beside it", () => {
    const omniq = open();
    using worker = omniq.worker({ concurrency: 3, workerId: "w" });
    expect([worker.workerId, worker.concurrency]).toEqual(["w", 3]);
    worker.start();
    const id = omniq.enqueue("greet", { name: "Grace" });
    expect(omniq.getResult(id, { wait: true, timeout: "50s" })?.value).toBe("Hello Grace");
    const failed = omniq.enqueue("fail");
    const error = omniq.getResult(failed, { wait: true })?.error;
    expect(error).toBeInstanceOf(TaskError);
    expect(error).toMatchObject({ errorType: "resource", isRetryable: false });
    expect(omniq.explain(id)).toBeDefined();
  });

  it("is opened by options, with more of them beside", () => {
    const omniq = OmniQSync.open({ url: "memory:", module: MEMORY }, { tasks: TASKS, logger: silentLogger });
    onTestFinished(() => omniq.close());
    expect(omniq.enqueue("greet", { name: "Ada" })).toBeTypeOf("string");
  });

  it("declares, pauses and removes recurring tasks", () => {
    const omniq = open();
    expect(omniq.schedule(greet, { name: "Ada" }, { id: "hourly", interval: "1h" }).status).toBe("created");
    omniq.schedules.pause("hourly");
    expect(omniq.schedules.list().map(({ id }) => id)).toEqual(["hourly"]);
    omniq.schedules.remove("hourly");
    expect(omniq.schedules.list()).toEqual([]);
  });

  it("S2.6 a TaskQueueSync and a WorkerPoolSync stand on a StorageSync of any store", () => {
    const url = `sqlite:${join(temporaryFolder(), "jobs.db")}`;
    const queue = queueOver(new StorageSync({ module: SQLITE, url }));
    const pool = new WorkerPoolSync({ queue, concurrency: 2 });
    const id = queue.enqueue("greet", { name: "Ada" });
    expect(pool.processTasks({ limit: 5 })).toBe(1);
    expect(queue.getResult(id)?.value).toBe("Hello Ada");
  });

  it("claims and settles by hand", () => {
    const queue = queueOver(new StorageSync({ module: MEMORY }));
    const id = queue.enqueue("greet", { name: "Ada" });
    const [task] = queue.dequeue({ workerId: "hand", limit: 1, leaseMs: 30_000 });
    queue.completeTask(id, "done by hand", task);
    expect(queue.getResult(id)?.value).toBe("done by hand");
  });
});

describe("a TaskQueueSync", () => {
  it("has every method of TaskQueue that people call", () => {
    // These three are written out, since they name a task by its definition.
    type Listed = (typeof QUEUE_METHODS)[number] | "enqueue" | "enqueueMany" | "schedule";
    expectTypeOf<Exclude<PromiseMethods<TaskQueue>, Listed>>().toBeNever();
    for (const name of [...QUEUE_METHODS, "enqueue", "enqueueMany", "schedule"] as const) {
      expect(TaskQueue.prototype[name]).toBeTypeOf("function");
      expect(TaskQueueSync.prototype[name]).toBeTypeOf("function");
    }
  });
});

describe("the types of a TaskQueueSync", () => {
  const tick = defineTask({ name: "tick", run: () => 1 });
  const size = defineTask({ name: "size", run: ({ depth = 1 }: { file: string; depth?: number }) => depth });

  it("are those of TaskQueue: what a task takes, and what its id stands for", () => {
    // Is type-checked and never runs.
    const typesOnly = (queue: TaskQueueSync) => {
      expectTypeOf(queue.enqueue(tick)).toEqualTypeOf<TaskId<number>>();
      const id = queue.enqueue(size, { file: "a" }, { priority: 5 });
      expectTypeOf(queue.getResult(id)).toEqualTypeOf<TaskResult<number> | null>();
      expectTypeOf(queue.getResult(id, { wait: true })).toEqualTypeOf<TaskResult<number>>();
      expectTypeOf(queue.getResult("an id from elsewhere")).toEqualTypeOf<TaskResult | null>();
      const [first] = queue.enqueueMany([{ task: tick }]);
      expectTypeOf(queue.getResult(first)).toEqualTypeOf<TaskResult<number> | null>();
      // @ts-expect-error A payload that is wanted.
      queue.enqueue(size);
      // @ts-expect-error A payload where none is wanted.
      queue.enqueue(tick, 5);
      // @ts-expect-error A field that the payload does not have.
      queue.enqueue(size, { file: "a", dpeth: 1 });
      // @ts-expect-error A field that the payload does not have.
      queue.schedule(size, { file: "a", dpeth: 1 }, { id: "hourly", interval: "1h" });
    };
    expect(typesOnly).toBeTypeOf("function");
  });
});

/** The public methods of T that answer a promise. */
type PromiseMethods<T> = {
  [K in keyof T]: T[K] extends (...args: never) => Promise<unknown> ? K : never;
}[keyof T];

describe("the rules of WorkerPool", () => {
  it("S4.97 S4.92 want a queue or a storage, and not both", () => {
    const storage = new StorageSync({ module: MEMORY });
    const queue = queueOver(storage);
    const neither = thrownBy(() => new WorkerPoolSync({}));
    expect(neither).toBeInstanceOf(ValidationError);
    expect((neither as Error).message).toContain("Either 'queue' or 'storage' must be provided");
    const both = thrownBy(() => new WorkerPoolSync({ queue, storage }));
    expect(both).toBeInstanceOf(ValidationError);
    expect((both as Error).message).toContain("Cannot provide both 'queue' and 'storage'");
  });

  it("S4.97 S4.93 want them to be what they are called", () => {
    const storage = new StorageSync({ module: MEMORY });
    onTestFinished(() => storage.close());
    expect(thrownBy(() => new WorkerPoolSync({ queue: "invalid" as never }))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => new WorkerPoolSync({ storage: "invalid" as never }))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => new TaskQueueSync({ storage: "invalid" as never }))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => new WorkerPoolSync({ queue: queueOver(storage), concurrency: 0 }))).toMatchObject({
      code: "invalid_concurrency",
    });
  });

  it("S4.97 S4.94 warn of a storage in place of a queue, once, in the caller's process", async () => {
    const warnings: (Error & { readonly code?: string })[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    onTestFinished(() => void process.off("warning", onWarning));
    const storage = new StorageSync({ module: MEMORY });
    onTestFinished(() => storage.close());
    const pool = new WorkerPoolSync({ storage, tasks: TASKS });
    expect(pool.processTasks()).toBe(0);
    // Warnings are told at the next turn of the loop.
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings.map(({ name, code }) => [name, code])).toEqual([["DeprecationWarning", "OMNIQ_DEP0001"]]);
  });

  it("takes tasks by their modules, and refuses anything else", () => {
    expect(thrownBy(() => open({ tasks: [greet] }))).toMatchObject({ code: "invalid_tasks", field: "tasks" });
    const empty = new URL("fixtures/no-tasks.ts", import.meta.url);
    expect(thrownBy(() => open({ tasks: empty }))).toMatchObject({ code: "invalid_task" });
    const nowhere = new URL("fixtures/nowhere.ts", import.meta.url);
    expect(thrownBy(() => open({ tasks: nowhere }))).toMatchObject({ code: "ERR_MODULE_NOT_FOUND" });
  });

  it("logs through a logger of the caller's", () => {
    const said: string[] = [];
    class Memo {
      readonly said = said;
      debug(): void {}
      info(): void {}
      child(): Memo {
        return this;
      }
      warn(message: string): void {
        this.said.push(`warn ${message}`);
      }
      error(message: string): void {
        this.said.push(`error ${message}`);
      }
    }
    const omniq = open({ logger: new Memo() });
    omniq.enqueue("fail");
    omniq.worker().processTasks();
    expect(said).toEqual(["error Task failed: no paper"]);
  });
});

describe("what goes wrong in the thread", () => {
  it.each([
    ["crash", "nobody catches this"],
    ["exit", "The thread was ended with code 3"],
  ])("a handler that ends it (%s) is a StorageError, at once and at every later call", (task, why) => {
    const omniq = open();
    omniq.enqueue(task);
    const error = thrownBy(() => omniq.worker().processTasks());
    expect(error).toBeInstanceOf(StorageError);
    expect(error).toMatchObject({ code: "thread_failed", outcome: "unknown" });
    expect((error as Error).message).toContain(why);
    expect(((error as Error).cause as Error).message).toBe(why);
    expect(thrownBy(() => omniq.countTasks())).toMatchObject({ code: "thread_failed" });
    expect(() => omniq.close()).not.toThrow();
  });

  it("a call that is not answered in time is a StorageError, and a later one is answered", () => {
    // Long enough for a busy machine to start the thread in.
    const omniq = open({ callTimeout: "8s" });
    const release = join(temporaryFolder(), "release");
    const id = omniq.enqueue("hold", release);
    const error = thrownBy(() => omniq.worker().processTasks());
    expect(error).toMatchObject({ code: "timeout", outcome: "unknown" });
    expect((error as Error).message).toContain("processTasks");
    writeFileSync(release, "");
    // Told to wait, it may take so much longer.
    expect(omniq.getResult(id, { wait: true, timeout: "50s" })?.status).toBe("SUCCESS");
  });

  it("a thread that does not start in time is told as that", () => {
    const error = thrownBy(() => open({ callTimeout: "1ms" }));
    expect(error).toMatchObject({ code: "timeout" });
    expect((error as Error).message).toContain("Cannot start: no answer from the thread within 1 ms");
  });

  it("a wait that is over is told as what it is", () => {
    const omniq = open();
    const id = omniq.enqueue("greet", { name: "Ada" });
    expect(thrownBy(() => omniq.getResult(id, { wait: true, timeout: "10ms" }))).toBeInstanceOf(
      WaitTimeoutError,
    );
  });
});
