import { type DurationInput, durationMs } from "../model/duration.ts";
import type { Clock } from "../ports/clock.ts";
import { ManualClock } from "../ports/manual-clock.ts";
import { TaskQueue, type TaskQueueOptions } from "../queue/task-queue.ts";
import type { BaseStorage } from "../storage/base-storage.ts";
import { WorkerPool } from "../worker/worker-pool.ts";

export interface TestQueueOptions extends Omit<TaskQueueOptions, "storage" | "clock"> {
  /** Makes the store on the clock that the test moves: `(clock) => new MemoryStorage({ clock })`. */
  readonly storage: (clock: Clock) => BaseStorage;
  /** The first instant. Default: the start of 2026, UTC. */
  readonly now?: Date;
}

/**
 * A queue for the tests of an application: time stands still until the test moves it, and tasks run when the test says
 * so. It goes wherever the application takes a TaskQueue.
 *
 * ```ts
 * await using queue = new TestQueue({ storage: (clock) => new MemoryStorage({ clock }), tasks: [remind] });
 * await queue.enqueue(remind, { user: 7 }, { delay: "1 day" });
 * await queue.advance("1 day");
 * ```
 */
export class TestQueue extends TaskQueue {
  declare readonly clock: ManualClock;
  readonly #worker: WorkerPool;

  constructor({ storage, now, ...options }: TestQueueOptions) {
    const clock = new ManualClock(now?.getTime());
    super({ random: () => 0.5, ...options, storage: storage(clock), clock });
    this.#worker = new WorkerPool({ queue: this, workerId: "test", retention: false });
  }

  /** Runs tasks, one at a time and in order, until none is due. Resolves to how many ran, retries that are due included. */
  drain(): Promise<number> {
    return this.#worker.processTasks();
  }

  /**
   * Moves the time forward, running each task when it falls due, in the order of due times: delayed tasks, retries after
   * their backoff, runs of schedules. Resolves to how many ran.
   */
  async advance(duration: DurationInput): Promise<number> {
    const end = this.clock.now() + durationMs(duration, "duration");
    let ran = await this.drain();
    for (;;) {
      const { at } = await this.storage.nextDue();
      if (at === null || at > end) break;
      // Timers fire on the way. A due time that has passed is one of a task that nobody here can run.
      await this.clock.advance(Math.max(at - this.clock.now(), 1));
      ran += await this.drain();
    }
    await this.clock.advance(Math.max(end - this.clock.now(), 0));
    return ran;
  }

  /** Closes the store. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.storage.close();
  }
}
