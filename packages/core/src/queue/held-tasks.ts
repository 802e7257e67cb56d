import type { ClaimedTask } from "../storage/params.ts";

/** The tasks that one queue instance has claimed by hand and not yet settled. */
export class HeldTasks {
  readonly #held = new Map<string, ClaimedTask>();

  add(tasks: readonly ClaimedTask[]): void {
    for (const task of tasks) this.#held.set(task.record.id, task);
  }

  /** Takes the task out, so that it is settled once. */
  take(taskId: string): ClaimedTask | null {
    const task = this.#held.get(taskId) ?? null;
    this.#held.delete(taskId);
    return task;
  }
}
