import type { SequencedTask as Row } from "@omniq/core/storage";
import { type Kind, type RowTable, grown, instantOf } from "@omniq/storage-memory";
import { EnqueueOrder } from "./enqueue-order.ts";
import { Kinds } from "./kinds.ts";
import { Packing } from "./packing.ts";
import { RecentRows } from "./recent-rows.ts";
import type { Texts } from "./slab.ts";
import { type NewTask, createdRow, isAsCreated, newTaskOf } from "./steps.ts";
import { TextTable } from "./text-table.ts";

const NO_SEQUENCE = -1;

const PACKING = new Packing<Row, "id">("id", (row) => [
  row.name,
  row.queue,
  row.priority,
  row.payload,
  row.format,
  row.scheduleVersion,
  row.maxRetries,
  row.contentDigest,
  row.status,
  row.run,
  row.attempts,
  row.failures,
  row.recoveries,
  row.eta,
  row.createdAt,
  row.updatedAt,
  row.revision,
  row.sequence,
  row.lastAttemptAt,
  row.finishedAt,
  row.settledToken,
  row.settledDigest,
  row.token,
  row.workerId,
  row.leaseUntil,
  row.timeout,
  row.policies,
  row.headers,
  row.dedupeKey,
  row.concurrencyKey,
  row.schedule,
  row.error,
  row.progress,
  row.holds,
]);

/**
 * Rows as packed text, beside columns of what lists and claims ask for. Objects in their number would have the garbage
 * collector copy them, and grow the heap to several times of what they need.
 */
export class PackedRows implements RowTable {
  readonly #recent = new RecentRows((slot, row) => this.#texts.write(slot, row.id, packed(row)));
  readonly #texts = new TextTable((slot) => this.#recent.get(slot)?.id);
  readonly #kinds = new Kinds();
  #kind = new Uint32Array(0);
  #run = new Uint32Array(0);
  #sequence = new Float64Array(0);
  #instant = new Float64Array(0);
  readonly #order = new EnqueueOrder((slot) => this.sequenceOf(slot));

  get size(): number {
    return this.#texts.size;
  }

  slotOf(id: string): number | undefined {
    return this.#texts.slotOf(id);
  }

  read(slot: number): Row {
    return this.#recent.get(slot) ?? this.#recent.keep(slot, rowOf(slot, this.#texts));
  }

  /** The same, without making room for it among the last ones: for who goes through many. */
  peek(slot: number): Row {
    return this.#recent.get(slot) ?? rowOf(slot, this.#texts);
  }

  idOf(slot: number): string {
    return this.#recent.get(slot)?.id ?? this.#texts.keyOf(slot);
  }

  runOf(slot: number): number {
    return this.#run[slot] as number;
  }

  /** A number that no other state of any row has had here; 0 where a slot is free. */
  markOf(slot: number): number {
    return this.#texts.markOf(slot);
  }

  put(row: Row): number {
    const known = this.slotOf(row.id);
    const slot = this.#texts.touch(row.id);
    this.#recent.put(slot, row);
    if (known === undefined || this.sequenceOf(slot) !== row.sequence) {
      if (known !== undefined) this.#order.lost();
      this.#order.add(slot, row.sequence);
    }
    this.#describe(slot, row);
    return slot;
  }

  /** The same, of a row whose id is free. @param task the JSON text of the new task that it is */
  create(row: Row, task: string): number {
    const slot = this.#texts.add(row.id, task);
    this.#recent.keep(slot, row);
    this.#order.add(slot, row.sequence);
    this.#describe(slot, row);
    return slot;
  }

  remove(slot: number): void {
    this.#texts.remove(slot);
    this.#recent.forget(slot);
    this.#sequence[slot] = NO_SEQUENCE;
    this.#order.lost();
  }

  clear(): void {
    this.#texts.clear();
    this.#recent.clear();
    this.#sequence.fill(NO_SEQUENCE);
    this.#order.clear();
  }

  kindOf(slot: number): Kind {
    return this.#kinds.all[this.#kind[slot] as number] as Kind;
  }

  sequenceOf(slot: number): number {
    return this.#sequence[slot] as number;
  }

  instantOf(slot: number): number {
    return this.#instant[slot] as number;
  }

  after(sequence: number): Iterable<number> {
    return this.#order.after(sequence);
  }

  *sequences(): Generator<number> {
    for (const slot of this.after(0)) yield this.sequenceOf(slot);
  }

  /** All rows as they are now, in the order of enqueueing, whatever becomes of them. */
  freeze(): Iterable<Row> {
    this.#recent.flush();
    const slots = Uint32Array.from(this.after(0));
    const texts = this.#texts.freeze();
    return (function* () {
      for (const slot of slots) yield rowOf(slot, texts);
    })();
  }

  /** Puts in the columns what is asked for without reading the row. */
  #describe(slot: number, row: Row): void {
    if (slot >= this.#kind.length) this.#grow(slot);
    this.#kind[slot] = this.#kinds.numberOf(row);
    this.#run[slot] = row.run;
    this.#sequence[slot] = row.sequence;
    this.#instant[slot] = instantOf(row);
  }

  #grow(slot: number): void {
    this.#kind = grown(this.#kind, slot);
    this.#run = grown(this.#run, slot);
    this.#sequence = grown(this.#sequence, slot, NO_SEQUENCE);
    this.#instant = grown(this.#instant, slot);
  }
}

function rowOf(slot: number, texts: Texts): Row {
  const text = JSON.parse(texts.textOf(slot)) as NewTask | unknown[];
  return Array.isArray(text) ? PACKING.unpack(texts.keyOf(slot), text) : createdRow(text);
}

function packed(row: Row): string {
  return isAsCreated(row) ? JSON.stringify(newTaskOf(row)) : PACKING.pack(row);
}
