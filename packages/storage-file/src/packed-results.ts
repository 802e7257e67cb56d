import { type ResultRecord, isExpired } from "@omniq/core/storage";
import { type ResultTable, type ResultsOfTask, grown } from "@omniq/storage-memory";
import { Packing } from "./packing.ts";
import type { Texts } from "./slab.ts";
import { TextTable } from "./text-table.ts";

const NEVER = Number.POSITIVE_INFINITY;
const NONE: readonly ResultRecord[] = [];

const PACKING = new Packing<ResultRecord, "taskId">("taskId", (result) => ({
  run: result.run,
  status: result.status,
  format: result.format,
  attempts: result.attempts,
  finishedAt: result.finishedAt,
  value: result.value,
  startedAt: result.startedAt,
  expiresAt: result.expiresAt,
  error: result.error,
  pendingToken: result.pendingToken,
}));

/** Results as packed text, those of one task together. */
export class PackedResults implements ResultTable {
  readonly #texts = new TextTable();
  /** When the first result of a slot is over; infinite where none ever is, and where there is none. */
  #expiresAt = new Float64Array(0);
  /** The run whose result is the only one in a slot; 0 where there are several. */
  #run = new Uint32Array(0);

  get size(): number {
    return this.#texts.size;
  }

  of(taskId: string): readonly ResultRecord[] {
    const slot = this.#texts.slotOf(taskId);
    return slot === undefined ? NONE : resultsIn(slot, this.#texts);
  }

  put(result: ResultRecord): void {
    const others = this.of(result.taskId).filter(({ run }) => run !== result.run);
    this.#write(result.taskId, [...others, result]);
  }

  remove(taskId: string, run: number): boolean {
    const slot = this.#texts.slotOf(taskId);
    if (slot === undefined) return false;
    if (this.#run[slot] === run) return this.removeAll(taskId);
    const results = this.of(taskId);
    const left = results.filter((result) => result.run !== run);
    if (left.length === results.length) return false;
    this.#write(taskId, left);
    return true;
  }

  removeAll(taskId: string): boolean {
    const slot = this.#texts.slotOf(taskId);
    if (slot === undefined) return false;
    this.#texts.remove(slot);
    this.#expiresAt[slot] = NEVER;
    return true;
  }

  clear(): void {
    this.#texts.clear();
    this.#expiresAt.fill(NEVER);
  }

  expired(now: number, limit: number): readonly ResultRecord[] {
    const expired: ResultRecord[] = [];
    for (let slot = 0; slot < this.#texts.end && expired.length < limit; slot++) {
      if ((this.#expiresAt[slot] as number) > now) continue;
      expired.push(...resultsIn(slot, this.#texts).filter((result) => isExpired(result, now)));
    }
    return expired.slice(0, limit);
  }

  *from(place: number): Generator<ResultsOfTask> {
    for (const slot of this.#slots(place)) yield { next: slot + 1, results: resultsIn(slot, this.#texts) };
  }

  slotOf(taskId: string): number | undefined {
    return this.#texts.slotOf(taskId);
  }

  /** A number that no other state of the results of any task has had here; 0 where a slot is free. */
  markOf(slot: number): number {
    return this.#texts.markOf(slot);
  }

  /** All results as they are now, whatever becomes of them. */
  freeze(): Iterable<ResultRecord> {
    const slots = Uint32Array.from(this.#slots(0));
    const texts = this.#texts.freeze();
    return (function* () {
      for (const slot of slots) yield* resultsIn(slot, texts);
    })();
  }

  *#slots(from: number): Generator<number> {
    for (let slot = from; slot < this.#texts.end; slot++) if (this.#texts.has(slot)) yield slot;
  }

  #write(taskId: string, results: readonly ResultRecord[]): void {
    const slot = this.#texts.put(taskId, results.map((result) => PACKING.pack(result)).join(","));
    if (slot >= this.#run.length) {
      this.#run = grown(this.#run, slot);
      this.#expiresAt = grown(this.#expiresAt, slot, NEVER);
    }
    this.#run[slot] = results.length === 1 ? (results[0] as ResultRecord).run : 0;
    this.#expiresAt[slot] = Math.min(...results.map(({ expiresAt }) => expiresAt ?? NEVER));
  }
}

function resultsIn(slot: number, texts: Texts): ResultRecord[] {
  const taskId = texts.keyOf(slot);
  return (JSON.parse(`[${texts.textOf(slot)}]`) as unknown[][]).map((values) =>
    PACKING.unpack(taskId, values),
  );
}
