import type { ResultRecord } from "@omniq/core/storage";
import { type ResultTable, type ResultsOfTask, grown } from "@omniq/storage-memory";
import { Packing } from "./packing.ts";
import type { Texts } from "./slab.ts";
import { TextTable } from "./text-table.ts";

const NEVER = Number.POSITIVE_INFINITY;

const PACKING = new Packing<ResultRecord, "taskId">("taskId", (result) => [
  result.run,
  result.status,
  result.format,
  result.attempts,
  result.finishedAt,
  result.value,
  result.startedAt,
  result.expiresAt,
  result.error,
  result.pendingToken,
]);

/** Results as packed text, each by itself: a task that recurs may have very many. */
export class PackedResults implements ResultTable {
  readonly #texts = new TextTable();
  /** When the result in a slot is over; infinite where it never is, and where there is none. */
  #expiresAt = new Float64Array(0);
  /** The runs after the first that have a result, of tasks that have any. */
  readonly #laterRuns = new Map<string, Set<number>>();

  get size(): number {
    return this.#texts.size;
  }

  of(taskId: string): readonly ResultRecord[] {
    const results: ResultRecord[] = [];
    for (const run of this.#runsOf(taskId)) {
      const result = this.get(taskId, run);
      if (result) results.push(result);
    }
    return results;
  }

  get(taskId: string, run: number): ResultRecord | null {
    const slot = this.slotOf(taskId, run);
    return slot === undefined ? null : resultIn(slot, this.#texts);
  }

  put(result: ResultRecord): void {
    const { taskId, run, expiresAt } = result;
    const slot = this.#texts.put(keyOf(taskId, run), PACKING.pack(result));
    if (slot >= this.#expiresAt.length) this.#expiresAt = grown(this.#expiresAt, slot, NEVER);
    this.#expiresAt[slot] = expiresAt ?? NEVER;
    if (run === 1) return;
    const later = this.#laterRuns.get(taskId);
    if (later) later.add(run);
    else this.#laterRuns.set(taskId, new Set([run]));
  }

  remove(taskId: string, run: number): boolean {
    const slot = this.slotOf(taskId, run);
    if (slot === undefined) return false;
    this.#texts.remove(slot);
    this.#expiresAt[slot] = NEVER;
    const later = this.#laterRuns.get(taskId);
    if (later?.delete(run) && later.size === 0) this.#laterRuns.delete(taskId);
    return true;
  }

  removeAll(taskId: string): boolean {
    let hadAny = false;
    for (const run of this.#runsOf(taskId)) hadAny = this.remove(taskId, run) || hadAny;
    return hadAny;
  }

  clear(): void {
    this.#texts.clear();
    this.#expiresAt.fill(NEVER);
    this.#laterRuns.clear();
  }

  expired(now: number, limit: number): readonly ResultRecord[] {
    const expired: ResultRecord[] = [];
    for (let slot = 0; slot < this.#texts.end && expired.length < limit; slot++)
      if ((this.#expiresAt[slot] as number) <= now) expired.push(resultIn(slot, this.#texts));
    return expired;
  }

  *from(place: number): Generator<ResultsOfTask> {
    for (const slot of this.#slots(place)) yield { next: slot + 1, results: [resultIn(slot, this.#texts)] };
  }

  slotOf(taskId: string, run: number): number | undefined {
    return this.#texts.slotOf(keyOf(taskId, run));
  }

  /** A number that no other result has had here; 0 where a slot is free. */
  markOf(slot: number): number {
    return this.#texts.markOf(slot);
  }

  /** All results as they are now, whatever becomes of them. */
  freeze(): Iterable<ResultRecord> {
    const slots = Uint32Array.from(this.#slots(0));
    const texts = this.#texts.freeze();
    return (function* () {
      for (const slot of slots) yield resultIn(slot, texts);
    })();
  }

  /** The runs that may have a result. */
  #runsOf(taskId: string): readonly number[] {
    return [1, ...(this.#laterRuns.get(taskId) ?? [])];
  }

  *#slots(from: number): Generator<number> {
    for (let slot = from; slot < this.#texts.end; slot++) if (this.#texts.has(slot)) yield slot;
  }
}

/** No id holds NUL. Nearly every result is of a first run, and its key is the id itself. */
function keyOf(taskId: string, run: number): string {
  return run === 1 ? taskId : `${taskId}\0${run}`;
}

function resultIn(slot: number, texts: Texts): ResultRecord {
  const [taskId = ""] = texts.keyOf(slot).split("\0");
  return PACKING.unpack(taskId, JSON.parse(texts.textOf(slot)) as unknown[]);
}
