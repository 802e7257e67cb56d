import assert from "node:assert/strict";
import { StorageError, TaskQueue, WorkerPool, defineTask, silentLogger } from "@omniq/core";
import type {
  ExchangeParams,
  ExchangeResult,
  NextDueParams,
  NextDueResult,
  RenewParams,
  RenewResult,
} from "@omniq/core/storage";
import { ManualClock } from "@omniq/core/testing";
import { MemoryStorage } from "@omniq/storage-memory";
import { seededRandom } from "@omniq/test-support/seeded-random";
import { describe, it } from "vitest";

/** A store that answers some turns of the event loop later, as one behind a wire does. */
class WiredStorage extends MemoryStorage {
  underWay = 0;
  mostUnderWay = 0;
  trips = 0;
  /** The tasks that a worker may hold at one time, as far as this store can know. */
  mostHeld = 0;
  failures = 0;
  /** How many turns of the event loop a trip takes. */
  turns = (): number => 5;
  #held = 0;

  constructor() {
    super();
    Object.defineProperty(this, "capabilities", { value: { ...this.capabilities, remote: true } });
  }

  override async exchange(params: ExchangeParams): Promise<ExchangeResult> {
    this.trips++;
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    const turns = this.turns();
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    try {
      if (this.failures > 0) {
        this.failures--;
        throw new Error("the wire broke");
      }
      const answer = await super.exchange(params);
      this.#held += answer.tasks.length - answer.answers.length;
      this.mostHeld = Math.max(this.mostHeld, this.#held);
      return answer;
    } finally {
      this.underWay--;
    }
  }
}

/** A store that does what it is asked, while its answers may come too late for whoever asked. */
class LateStorage extends MemoryStorage {
  isLate = false;

  override exchange(params: ExchangeParams): Promise<ExchangeResult> {
    return this.#answer(super.exchange(params));
  }

  override nextDue(params?: NextDueParams): Promise<NextDueResult> {
    return this.#answer(super.nextDue(params));
  }

  override renew(params: RenewParams): Promise<RenewResult> {
    return this.#answer(super.renew(params));
  }

  async #answer<T>(answer: Promise<T>): Promise<T> {
    const value = await answer;
    if (this.isLate) throw new StorageError("timeout", "The answer came too late", { outcome: "unknown" });
    return value;
  }
}

const task = defineTask({ name: "task", run: (n: number) => n });

async function queueOf(tasks: number): Promise<{ storage: WiredStorage; queue: TaskQueue }> {
  const storage = new WiredStorage();
  const queue = new TaskQueue({ storage, tasks: [task], logger: silentLogger });
  await queue.enqueueMany(Array.from({ length: tasks }, (_, n) => ({ task, payload: n })));
  return { storage, queue };
}

describe("a worker of a store behind a wire", () => {
  it.each([1, 2, 3, 10])(
    "at concurrency %i: two trips at most, all tasks run, never more held than slots and prefetch",
    async (concurrency) => {
      const { storage, queue } = await queueOf(500);
      const pool = new WorkerPool({ queue, concurrency });
      assert.equal(await pool.processTasks(), 500);
      assert.equal(storage.mostUnderWay, 2);
      assert.ok(storage.mostHeld <= 2 * concurrency, `${storage.mostHeld} held`);
      assert.deepEqual(await queue.countTasks(), [{ queue: "default", status: "SUCCESS", count: 500 }]);
    },
  );

  it("keeps to the limit that it is given", async () => {
    const { queue } = await queueOf(50);
    assert.equal(await new WorkerPool({ queue, concurrency: 4 }).processTasks({ limit: 7 }), 7);
    assert.equal((await queue.countTasks()).find(({ status }) => status === "SUCCESS")?.count, 7);
  });

  it("fills every slot with tasks that take long, though a trip brings half of them", async () => {
    const { queue } = await queueOf(0);
    const gate = Promise.withResolvers<void>();
    let running = 0;
    const long = defineTask({
      name: "long",
      run: async () => {
        running++;
        await gate.promise;
      },
    });
    queue.register(long);
    await queue.enqueueMany(Array.from({ length: 9 }, () => ({ task: long })));
    const pool = new WorkerPool({ queue, concurrency: 7 });
    const done = pool.processTasks();
    for (let turn = 0; turn < 500 && running < 7; turn++)
      await new Promise((resolve) => setImmediate(resolve));
    assert.equal(running, 7);
    gate.resolve();
    assert.equal(await done, 9);
  });

  it("that hears of nothing finds at each poll all that is due, however the trips fall", async () => {
    const { storage } = await queueOf(0);
    Object.defineProperty(storage, "doWatch", { value: async () => null });
    Object.defineProperty(storage, "notify", { value: async () => {} });
    const random = seededRandom();
    storage.turns = () => 1 + Math.floor(random() * 12);
    const clock = new ManualClock();
    const nap = defineTask({
      name: "nap",
      run: async (turns: number) => {
        for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      },
    });
    const queue = new TaskQueue({ storage, tasks: [nap], clock, logger: silentLogger });
    await using pool = new WorkerPool({ queue, concurrency: 3, pollInterval: "1s" });
    await pool.start();
    const succeeded = async (): Promise<number> =>
      (await queue.countTasks()).reduce(
        (sum, { status, count }) => sum + (status === "SUCCESS" ? count : 0),
        0,
      );
    let total = 0;
    for (let round = 0; round < 300; round++) {
      const tasks = 1 + Math.floor(random() * 9);
      const napOf = (): number => (random() < 0.5 ? 0 : Math.floor(random() * 30));
      await queue.enqueueMany(Array.from({ length: tasks }, () => ({ task: nap, payload: napOf() })));
      total += tasks;
      for (let turn = 0; turn < 50 && clock.pending < 2; turn++)
        await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(1000);
      for (let turn = 0; turn < 300 && (await succeeded()) < total; turn++)
        await new Promise((resolve) => setImmediate(resolve));
      assert.equal(await succeeded(), total, `round ${round}`);
    }
  });

  it("does not look again and again where nothing is due", async () => {
    const { storage, queue } = await queueOf(0);
    await using pool = new WorkerPool({ queue, concurrency: 10, pollInterval: "1h" });
    await pool.start();
    for (let turn = 0; turn < 300; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(storage.trips <= 2, `${storage.trips} trips`);
  });

  it("ends where the store fails, and leaves nothing running", async () => {
    const { storage, queue } = await queueOf(100);
    storage.failures = 1;
    await assert.rejects(new WorkerPool({ queue, concurrency: 10 }).processTasks(), {
      message: "the wire broke",
    });
    while (storage.underWay > 0) await new Promise((resolve) => setImmediate(resolve));
    assert.ok((await queue.countTasks()).every(({ status }) => status !== "SUCCESS"));
  });

  it("claims no more while answers come too late: a task must not use up its leases without having run", async () => {
    const clock = new ManualClock();
    const storage = new LateStorage({ clock });
    const queue = new TaskQueue({ storage, tasks: [task], clock, logger: silentLogger });
    await using pool = new WorkerPool({ queue, lease: "5s", pollInterval: "1s" });
    await pool.start();
    await clock.advance(1);
    storage.isLate = true;
    const id = await queue.enqueue(task, 1);
    await clock.advance(300_000);
    const lost = await queue.getTask(id);
    assert.deepEqual([lost?.status, lost?.attempts], ["RUNNING", 1]);
    storage.isLate = false;
    await clock.advance(10_000);
    const { status, attempts, recoveries } = (await queue.getTask(id)) ?? {};
    assert.deepEqual({ status, attempts, recoveries }, { status: "SUCCESS", attempts: 2, recoveries: 1 });
  });
});
