import type { ClaimedTask } from "../storage/params.ts";

/** The tasks that one queue instance has claimed by hand and not yet settled. */
export class HeldTasks {
  readonly #held = new Map<string, ClaimedTask>();

  add(tasks: readonly ClaimedTask[]): void {
    for (const task of tasks) this.#held.set(task.record.id, task);
  }

  get(taskId: string): ClaimedTask | null {
    return this.#held.get(taskId) ?? null;
  }

  /** Forgets a task that was settled, or is held no longer. */
  remove(taskId: string): void {
    this.#held.delete(taskId);
  }
}
