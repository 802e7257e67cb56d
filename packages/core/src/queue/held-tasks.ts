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

  /** Forgets a claim that was settled, or holds no longer; not one of the same task that came after it. */
  remove({ record, lease }: ClaimedTask): void {
    if (this.#held.get(record.id)?.lease.token === lease.token) this.#held.delete(record.id);
  }
}
