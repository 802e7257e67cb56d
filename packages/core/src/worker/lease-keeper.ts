import type { Timer } from "../ports/clock.ts";
import type { Logger } from "../ports/logger.ts";
import type { TaskQueue } from "../queue/task-queue.ts";
import type { Execution } from "./execution.ts";
import type { WorkerLoop } from "./worker-loop.ts";

/**
 * Renews the leases of a worker's tasks, all in one call, at a third of their length. So two renewals may fail
 * before a lease lapses. A lease that turns out to be lost aborts its handler.
 */
export class LeaseKeeper {
  readonly #queue: TaskQueue;
  readonly #leaseMs: number;
  readonly #loop: WorkerLoop;
  readonly #logger: Logger;
  #timer: Timer | null = null;
  #dueAt = 0;
  #stopped = false;

  constructor(queue: TaskQueue, leaseMs: number, loop: WorkerLoop, logger: Logger) {
    this.#queue = queue;
    this.#leaseMs = leaseMs;
    this.#loop = loop;
    this.#logger = logger;
  }

  start(): void {
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #schedule(): void {
    if (this.#stopped) return;
    const periodMs = this.#leaseMs / 3;
    this.#dueAt = this.#queue.clock.now() + periodMs;
    this.#timer = this.#queue.clock.setTimer(() => void this.#renew(), periodMs);
  }

  async #renew(): Promise<void> {
    const lateMs = this.#queue.clock.now() - this.#dueAt;
    if (lateMs > this.#leaseMs / 2) {
      this.#logger.warn(
        `The event loop was held for ${Math.round(lateMs)} ms, which puts leases of ${this.#leaseMs} ms at risk: ` +
          "move such work to a worker thread, or lengthen the lease",
      );
    }
    // What found no slot in all that time is better run elsewhere.
    this.#loop.giveBackWaiting();
    const executions = this.#loop.held.all().filter((execution) => !execution.isLeaseLost);
    try {
      if (executions.length > 0) await this.#renewAll(executions);
    } catch (error) {
      this.#logger.warn("Leases could not be renewed; trying again", { tasks: executions.length, error });
    }
    this.#schedule();
  }

  async #renewAll(executions: readonly Execution[]): Promise<void> {
    const renewals = executions.map(({ lease }) => ({ lease, leaseMs: this.#leaseMs }));
    const { answers } = await this.#queue.storage.renew({ renewals });
    for (const [index, execution] of executions.entries()) {
      const answer = answers[index];
      if (!answer || answer.status === "renewed") continue;
      if (answer.status === "error") {
        this.#logger.warn("A lease could not be renewed", { task_id: execution.taskId, error: answer.error });
      } else {
        execution.loseLease(answer.status === "gone" ? "gone" : answer.reason);
      }
    }
  }
}
