import assert from "node:assert/strict";
import { ClosedError, NotFoundError, StorageError, TaskError, defineTask } from "@omniq/core";
import { describe, it } from "vitest";
import { Rig, STORES } from "../../src/rig.ts";

const CLAIM = { limit: 10, workerId: "by hand", leaseMs: 60_000 };
const greet = defineTask({ name: "greet", run: ({ name }: { name: string }) => `hello ${name}` });

describe.each(STORES)("seeds 000 and 001: getTask and reschedule on %s", (store) => {
  it("S0.1 S1.1 getTask gives the task, null for an unknown id, and an error where it cannot be read", async () => {
    const rig = await Rig.open(store, { tasks: [greet] });
    const options = { eta: new Date(rig.clock.now() + 5000), maxRetries: 7, timeout: "9s", priority: 3 };
    const id = await rig.queue.enqueue(greet, { name: "Ada" }, options);
    const task = await rig.storage.getTask(id);
    assert.deepEqual(
      [task?.id, task?.name, task?.payload, task?.status, task?.maxRetries, task?.timeoutMs, task?.priority],
      [id, "greet", { name: "Ada" }, "PENDING", 7, 9000, 3],
    );
    assert.deepEqual(task?.schedule.eta, options.eta);
    assert.deepEqual(await rig.storage.getTask(id), task);
    assert.equal(await rig.storage.getTask("nobody"), null);
    assert.ok("corrupt" in rig.place);
    await rig.place.corrupt?.(id);
    await assert.rejects(rig.connect().getTask(id), StorageError);
    await rig.storage.close();
    await assert.rejects(rig.storage.getTask(id), StorageError);
  });

  it("S0.2 S4.7 reschedule: NotFoundError of an unknown id, another StorageError of a closed store, texts that name the task", async () => {
    const rig = await Rig.open(store, { tasks: [greet] });
    const later = new Date(rig.clock.now() + 60_000);
    await assert.rejects(rig.storage.reschedule("nobody", later), (error) => {
      assert.ok(error instanceof NotFoundError && error instanceof StorageError);
      assert.match(error.message, /Task nobody not found/);
      return true;
    });
    await rig.storage.close();
    await assert.rejects(rig.storage.reschedule("nobody", later), (error) => {
      assert.ok(error instanceof ClosedError && !(error instanceof NotFoundError));
      assert.match(error.message, /nobody/);
      return true;
    });
  });

  it("S0.2 S4.7 what a hook throws is the cause, and the text says which call failed for which task", async () => {
    const rig = await Rig.open(store);
    const cause = new Error("the disk is on fire");
    Object.defineProperty(rig.storage, "doGetTask", { value: () => Promise.reject(cause) });
    for (const [call, text] of [
      [() => rig.storage.getTask("t-1"), /^Failed to retrieve task t-1: the disk is on fire/],
      [
        () => rig.storage.reschedule("t-1", new Date()),
        /^Failed to reschedule task t-1: the disk is on fire/,
      ],
    ] as const) {
      await assert.rejects(call, (error) => {
        assert.ok(error instanceof StorageError);
        assert.match(error.message, text);
        assert.equal(error.cause, cause);
        return true;
      });
    }
  });

  it("S0.5 S1.9 every store has both methods, and they agree", async () => {
    const rig = await Rig.open(store, { tasks: [greet] });
    const id = await rig.queue.enqueue(greet, { name: "Ada" });
    await rig.storage.reschedule(id, new Date(rig.clock.now() + 1000));
    assert.equal((await rig.storage.getTask(id))?.schedule.eta.getTime(), rig.clock.now() + 1000);
  });

  it("S1.5 after a reschedule by 30 s a failed task is PENDING at its new time, and claimed then", async () => {
    const rig = await Rig.open(store, { tasks: [greet] });
    const id = await rig.queue.enqueue(greet, { name: "Ada" }, { maxRetries: 0 });
    await rig.queue.dequeue(CLAIM);
    await rig.queue.failTask(id, "no");
    assert.equal((await rig.queue.getTask(id))?.status, "FAILED");
    const eta = new Date(rig.clock.now() + 30_000);
    await rig.queue.reschedule(id, eta);
    const task = await rig.queue.getTask(id);
    assert.deepEqual([task?.status, task?.schedule.eta], ["PENDING", eta]);
    assert.deepEqual(await rig.queue.dequeue(CLAIM), []);
    await rig.clock.advance(31_000);
    await rig.place.setNow?.(rig.clock.now());
    const claimed = await rig.queue.dequeue(CLAIM);
    assert.ok(Array.isArray(claimed));
    assert.deepEqual(
      claimed.map(({ record }) => record.id),
      [id],
    );
  });

  it("S1.6 after a reschedule by 5 min an interval task is PENDING under its own id", async () => {
    const rig = await Rig.open(store, { tasks: [greet] });
    const id = await rig.queue.enqueue(greet, { name: "Ada" }, { interval: "5m" });
    assert.equal(await rig.drain(), 1);
    const eta = new Date(rig.clock.now() + 300_000);
    await rig.queue.reschedule(id, eta);
    const task = await rig.queue.getTask(id);
    assert.deepEqual([task?.id, task?.status, task?.schedule.eta], [id, "PENDING", eta]);
    assert.equal(task?.schedule.interval?.totalSeconds(), 300);
  });

  it("S1.14 any call may be the first; a constructor does no I/O", async () => {
    for (const call of [
      (rig: Rig) => rig.storage.getTask("x"),
      (rig: Rig) => rig.storage.listTasks(),
      (rig: Rig) => rig.storage.enqueue({ groups: [[{ name: "greet" }]] }),
      (rig: Rig) => rig.storage.getResult("x"),
      (rig: Rig) => rig.storage.queryEvents(),
      (rig: Rig) => rig.storage.open(),
    ]) {
      await call(await Rig.open(store));
    }
  });
});

describe.each(STORES)("seeds 000 and 001: the queue on %s", (store) => {
  it("S0.7 completing an unknown task warns once and resolves; a superseded holder is told, and changes nothing", async () => {
    const rig = await Rig.open(store, { tasks: [greet] });
    await rig.queue.completeTask("nobody");
    assert.deepEqual(rig.messages("warn"), ["Task not found for completion: nobody"]);
    const id = await rig.queue.enqueue(greet, { name: "Ada" });
    const [superseded] = await rig.queue.dequeue(CLAIM);
    await rig.queue.reschedule(id, new Date(rig.clock.now()));
    await rig.queue.dequeue(CLAIM);
    const before = await rig.queue.getTask(id);
    await assert.rejects(rig.queue.completeTask(id, "late", superseded), { name: "LeaseLostError" });
    assert.deepEqual(await rig.queue.getTask(id), before);
    assert.equal(await rig.queue.getResult(id), null);
  });

  it("S0.8 S1.2 S4.6 retries are real: attempts 1, 2, 3 while PENDING and 4 at FAILED; one that recovers succeeds", async () => {
    let succeedsAt = Infinity;
    const flaky = defineTask({
      name: "flaky",
      maxRetries: 3,
      retry: { strategy: "fixed", base: "10s", jitter: 0 },
      run: (_payload: null, { attempt }) => {
        if (attempt < succeedsAt) throw new Error("not yet");
        return attempt;
      },
    });
    const rig = await Rig.open(store, { tasks: [flaky] });
    const id = await rig.queue.enqueue(flaky, null);
    for (const [attempt, status] of [
      [1, "PENDING"],
      [2, "PENDING"],
      [3, "PENDING"],
      [4, "FAILED"],
    ] as const) {
      assert.equal(await (attempt === 1 ? rig.drain() : rig.advance("10s")), 1);
      const task = await rig.queue.getTask(id);
      assert.deepEqual(
        [task?.attempts, task?.status, task?.error?.retryCount],
        [attempt, status, attempt - 1],
      );
      if (status === "PENDING") assert.ok(task && task.error && task.error.retryCount < task.maxRetries);
    }
    succeedsAt = 2;
    const other = await rig.queue.enqueue(flaky, null);
    await rig.drain();
    await rig.advance("10s");
    assert.equal((await rig.queue.getTask(other))?.status, "SUCCESS");
    assert.equal((await rig.queue.getResult(other))?.value, 2);
  });

  it("S0.9 S4.49 S4.6 an interval task runs once an interval, under one id", async () => {
    const starts: number[] = [];
    const tick = defineTask({ name: "tick", run: () => void starts.push(rig.clock.now()) });
    const rig = await Rig.open(store, { tasks: [tick] });
    const begun = rig.clock.now();
    const id = await rig.queue.enqueue(tick, undefined, { interval: "5m" });
    await rig.drain();
    await rig.advance("5m");
    await rig.advance("5m");
    assert.deepEqual(
      starts.map((at) => at - begun),
      [0, 300_000, 600_000],
    );
    const { tasks } = await rig.queue.listTasks();
    assert.deepEqual(
      tasks.map((task) => [task.id, task.run]),
      [[id, 4]],
    );
  });

  it("S0.10 S1.7 S1.8 a task is completed by its id, which reads it once, or by the object, which reads nothing", async () => {
    const rig = await Rig.open(store, { tasks: [greet] });
    let reads = 0;
    const getTask = rig.storage.getTask.bind(rig.storage);
    Object.defineProperty(rig.storage, "getTask", {
      value: (id: string) => {
        reads++;
        return getTask(id);
      },
    });
    const byId = await rig.queue.enqueue(greet, { name: "Ada" }, { interval: "1h" });
    const byObject = await rig.queue.enqueue(greet, { name: "Bob" });
    const claimed = await rig.queue.dequeue(CLAIM);
    await rig.queue.completeTask(byId, "by id");
    assert.equal(reads, 1);
    await rig.queue.completeTask(
      byObject,
      "by object",
      claimed.find(({ record }) => record.id === byObject),
    );
    assert.equal(reads, 1);
    const recurring = await getTask(byId);
    assert.deepEqual([recurring?.id, recurring?.status, recurring?.run], [byId, "PENDING", 2]);
    assert.equal(recurring?.schedule.eta.getTime(), rig.clock.now() + 3_600_000);
    assert.equal((await getTask(byObject))?.status, "SUCCESS");
    assert.deepEqual(
      [(await rig.queue.getResult(byId))?.value, (await rig.queue.getResult(byObject))?.value],
      ["by id", "by object"],
    );
  });

  it("S0.13 S3.18 a timeout aborts the run and is a failure of its own type; an eta ahead is not claimed; maxRetries 0 is honoured", async () => {
    const aborted: unknown[] = [];
    const hang = defineTask({
      name: "hang",
      timeout: "1s",
      retry: { strategy: "fixed", base: 0, jitter: 0 },
      run: (_payload: null, { signal }) =>
        new Promise<never>(() => signal.addEventListener("abort", () => aborted.push(signal.reason))),
    });
    const rig = await Rig.open(store, { tasks: [hang, greet] });
    const hung = async (maxRetries: number): Promise<string> => {
      const id = await rig.queue.enqueue(hang, null, { maxRetries });
      // The worker's clock alone, on which the timeout is counted.
      await rig.clockMovesUntil(rig.drain(), 500);
      return id;
    };
    const id = await hung(1);
    const task = await rig.queue.getTask(id);
    assert.deepEqual([task?.status, task?.attempts, task?.error?.errorType], ["FAILED", 2, "timeout"]);
    assert.equal(aborted.length, 2);
    assert.ok(aborted[0] instanceof TaskError && aborted[0].errorType === "timeout");
    assert.equal((await rig.queue.getTask(await hung(0)))?.attempts, 1);

    await rig.place.setNow?.(rig.clock.now());
    const later = await rig.queue.enqueue(
      greet,
      { name: "Ada" },
      { eta: new Date(rig.clock.now() + 60_000) },
    );
    assert.equal(await rig.drain(), 0);
    assert.equal(await rig.advance("1m"), 1);
    assert.equal((await rig.queue.getTask(later))?.lastAttemptAt?.getTime(), rig.clock.now());
  });
});
