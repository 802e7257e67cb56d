import { InvalidTransitionError, NotFoundError } from "../errors/storage-error.ts";
import type { Task } from "../model/task.ts";
import type { Logger } from "../ports/logger.ts";
import type { BaseStorage } from "../storage/base-storage.ts";
import { MAX_PAGE } from "../storage/limits.ts";
import { listTasks } from "./task-list.ts";

/** The recurring tasks of a store. They are declared with `queue.schedule`, or by enqueueing with an interval or cron. */
export class Schedules {
  readonly #storage: BaseStorage;
  readonly #logger: Logger;

  constructor(storage: BaseStorage, logger: Logger) {
    this.#storage = storage;
    this.#logger = logger;
  }

  /** Every recurring task that is live. It reads all live tasks, page by page, to find them. */
  async list(): Promise<readonly Task[]> {
    // One that begins or ends a run between two looks is seen in both.
    const found = new Map<string, Task>();
    // One whose run ends after the first look, and before the second, waits when the third comes to it.
    for (const status of ["PENDING", "RUNNING", "PENDING"] as const) {
      let cursor: string | null = null;
      do {
        const page = await listTasks(this.#storage, this.#logger, { status, cursor, limit: MAX_PAGE });
        for (const task of page.tasks) if (isRecurring(task)) found.set(task.id, task);
        ({ cursor } = page);
      } while (cursor !== null);
    }
    return [...found.values()];
  }

  /**
   * The runs to come wait; a run in progress goes on. Declaring the schedule again leaves it paused.
   *
   * @throws NotFoundError, InvalidTransitionError of what does not repeat, or has ended
   */
  pause(taskId: string): Promise<void> {
    return this.#storage.pauseSchedule(taskId);
  }

  /** The runs to come wait no longer; one whose time has passed is due now. @throws NotFoundError, InvalidTransitionError */
  resume(taskId: string): Promise<void> {
    return this.#storage.resumeSchedule(taskId);
  }

  /**
   * The next run is due now, and the ones after it as before. False where a run is in progress. A paused schedule stays
   * paused: its run waits until it is resumed.
   *
   * @throws NotFoundError, InvalidTransitionError of what does not repeat, or has ended
   */
  async runNow(taskId: string): Promise<boolean> {
    const task = await this.#storage.getTask(taskId);
    if (!task) throw new NotFoundError(taskId);
    if (!isRecurring(task)) throw new InvalidTransitionError(taskId, "run now", "not recurring");
    if (task.status === "RUNNING") return false;
    if (task.status !== "PENDING") throw new InvalidTransitionError(taskId, "run now", task.status);
    const { now } = await this.#storage.nextDue({ queues: [task.queue] });
    await this.#storage.reschedule(taskId, new Date(now));
    return true;
  }

  /** No more runs: the task goes. With `force` also while a run is in progress, whose outcome is then refused. */
  remove(taskId: string, options: { readonly force?: boolean } = {}): Promise<void> {
    return this.#storage.deleteTask(taskId, options);
  }
}

function isRecurring({ schedule }: Task): boolean {
  return schedule.interval !== null || schedule.cron !== null;
}
