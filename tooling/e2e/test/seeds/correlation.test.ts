import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { type LogFields, type Logger, TaskQueue, defineTask } from "@omniq/core";
import { describe, it } from "vitest";
import { Rig, STORES } from "../../src/rig.ts";

/** A logger that knows in the course of what it is called, as those of @omniq/logging do. */
class ContextLogger implements Logger {
  readonly records: (LogFields & { readonly message: string })[] = [];
  readonly #inForce = new AsyncLocalStorage<LogFields>();

  debug(): void {}

  info(message: string, fields: LogFields = {}): void {
    this.records.push({ ...this.#inForce.getStore(), ...fields, message });
  }

  warn(message: string, fields?: LogFields): void {
    this.info(message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.info(message, fields);
  }

  within<T>(fields: LogFields, work: () => T): T {
    return this.#inForce.run({ ...this.#inForce.getStore(), ...fields }, work);
  }

  correlationId(): string | undefined {
    return this.#inForce.getStore()?.["correlation_id"] as string | undefined;
  }

  /** The correlation of the record with this message. */
  correlationOf(message: string): unknown {
    return this.records.find((record) => record.message === message)?.["correlation_id"];
  }
}

describe.each(STORES)("seed 004: correlation on %s", (store) => {
  it("S4.32 what enqueued a task is known in its handler, and in what that enqueues; by default it is the task's own id", async () => {
    const enqueuing = new ContextLogger();
    const working = new ContextLogger();
    const rig = await Rig.open(store);
    const child = defineTask({ name: "child", run: () => working.info("child") });
    const parent = defineTask({
      name: "parent",
      run: async (name: string, context) => {
        await Promise.resolve();
        working.info(name);
        context.logger.info(`${name}, by the task's own logger`);
        if (name === "correlated") await workers.enqueue(child);
      },
    });
    const tasks = [parent, child];
    const workers = new TaskQueue({ storage: rig.connect(), tasks, clock: rig.clock, logger: working });
    const producers = new TaskQueue({ storage: rig.storage, tasks, clock: rig.clock, logger: enqueuing });
    const alone = await producers.enqueue(parent, "alone");
    const correlated = await enqueuing.within({ correlation_id: "order-7" }, () =>
      producers.enqueue(parent, "correlated"),
    );
    const own = await enqueuing.within({ correlation_id: "order-7" }, () =>
      producers.enqueue(parent, "own", { headers: { correlation_id: "mine" } }),
    );
    assert.equal((await rig.queue.getTask(correlated))?.headers["correlation_id"], "order-7");
    assert.deepEqual((await rig.queue.getTask(alone))?.headers, {});
    assert.equal((await rig.queue.getTask(own))?.headers["correlation_id"], "mine");
    await rig.worker({ queue: workers }).processTasks();
    assert.equal(working.correlationOf("alone"), alone);
    assert.equal(working.correlationOf("correlated"), "order-7");
    assert.equal(working.correlationOf("correlated, by the task's own logger"), "order-7");
    assert.equal(working.correlationOf("child"), "order-7");
    assert.equal(working.correlationOf("own"), "mine");
  });
});
