import { type ResultRecord, isExpired } from "@omniq/core/storage";

/** The results of one task, and where in the table those after them begin. */
export interface ResultsOfTask {
  readonly next: number;
  readonly results: readonly ResultRecord[];
}

/** Where a database keeps its results. */
export interface ResultTable {
  of(taskId: string): readonly ResultRecord[];
  put(result: ResultRecord): void;
  /** Whether there was one. */
  remove(taskId: string, run: number): boolean;
  /** Whether there were any. */
  removeAll(taskId: string): boolean;
  clear(): void;
  /** Those whose time is over, at most `limit`. */
  expired(now: number, limit: number): readonly ResultRecord[];
  /** From a place on, of each task all, or each by itself; all begin at 0. */
  from(place: number): Iterable<ResultsOfTask>;
}

/** Results as the objects that they are, in the order in which each task had its first. */
export class ObjectResults implements ResultTable {
  readonly #tasks = new Map<string, Map<number, ResultRecord>>();

  of(taskId: string): readonly ResultRecord[] {
    return [...(this.#tasks.get(taskId)?.values() ?? [])];
  }

  put(result: ResultRecord): void {
    let runs = this.#tasks.get(result.taskId);
    if (!runs) this.#tasks.set(result.taskId, (runs = new Map()));
    runs.set(result.run, result);
  }

  remove(taskId: string, run: number): boolean {
    const runs = this.#tasks.get(taskId);
    if (!runs?.delete(run)) return false;
    if (runs.size === 0) this.#tasks.delete(taskId);
    return true;
  }

  removeAll(taskId: string): boolean {
    return this.#tasks.delete(taskId);
  }

  clear(): void {
    this.#tasks.clear();
  }

  expired(now: number, limit: number): readonly ResultRecord[] {
    const expired: ResultRecord[] = [];
    for (const runs of this.#tasks.values()) {
      if (expired.length >= limit) break;
      for (const result of runs.values()) if (isExpired(result, now)) expired.push(result);
    }
    return expired.slice(0, limit);
  }

  *from(place: number): Generator<ResultsOfTask> {
    let next = 0;
    for (const runs of this.#tasks.values()) if (++next > place) yield { next, results: [...runs.values()] };
  }
}
