import { isFinished } from "@omniq/core/storage";
import { ColumnsBuilder } from "./archive-columns.ts";
import type { ArchivedDatabase } from "./archived-database.ts";
import { encodeArchived } from "./archived-line.ts";
import type { ArchivedEntry } from "./entries.ts";
import { rangesOf } from "./ranges.ts";

/** Where a task has no results at all. */
const NO_SLOT = -1;

/** Finished tasks on their way from memory into an archive, each with the result of its last run. */
export class Move {
  readonly builder: ColumnsBuilder;
  readonly #database: ArchivedDatabase;
  readonly #slots: readonly number[];
  /*
   * What is known of the tasks in the slots, by their places among them, in numbers: the garbage collector would copy ten
   * thousand objects.
   */
  readonly #sequences: Float64Array;
  readonly #marks: Float64Array;
  /** Where the results of each task are, of its last run or others. */
  readonly #resultSlots: Int32Array;
  readonly #resultMarks: Float64Array;
  /** By ordinal, the place of each task whose line was written, and whether it has a result of its last run. */
  readonly #places: Uint32Array;
  readonly #hasResult: Uint8Array;

  /** @param slots in the order of enqueueing */
  constructor(database: ArchivedDatabase, slots: readonly number[]) {
    this.builder = new ColumnsBuilder(slots.length);
    this.#database = database;
    this.#slots = slots;
    this.#sequences = Float64Array.from(slots, (slot) => database.rows.sequenceOf(slot));
    this.#marks = new Float64Array(slots.length);
    this.#resultSlots = new Int32Array(slots.length);
    this.#resultMarks = new Float64Array(slots.length);
    this.#places = new Uint32Array(slots.length);
    this.#hasResult = new Uint8Array(slots.length);
  }

  /** Those that are still there, and finished. */
  *lines(): Generator<Buffer> {
    const { rows, results } = this.#database;
    for (const [place, slot] of this.#slots.entries()) {
      if (rows.sequenceOf(slot) !== this.#sequences[place] || !isFinished(rows.kindOf(slot).status)) continue;
      const task = rows.peek(slot);
      const result = results.get(task.id, task.run);
      const line = encodeArchived({ task, result });
      this.#places[this.builder.count] = place;
      this.#hasResult[this.builder.count] = result ? 1 : 0;
      this.#marks[place] = rows.markOf(slot);
      const resultSlot = results.slotOf(task.id, task.run) ?? NO_SLOT;
      this.#resultSlots[place] = resultSlot;
      this.#resultMarks[place] = results.markOf(resultSlot);
      this.builder.add({ task, result }, line.length);
      yield line;
    }
  }

  /** The entry that moves them, but for those that have changed since; null where all have. */
  entryOf(file: string): ArchivedEntry | null {
    const { count } = this.builder;
    const isSame = Uint8Array.from(this.#places.subarray(0, count), (place) =>
      this.#isUnchanged(place) ? 1 : 0,
    );
    if (!isSame.includes(1)) return null;
    const ordinals = new Uint32Array(count).map((_none, ordinal) => ordinal);
    const moved = Float64Array.from(
      ordinals.filter((ordinal) => isSame[ordinal]),
      (ordinal) => this.#sequences[this.#places[ordinal] as number] as number,
    );
    return {
      file,
      count,
      sequences: rangesOf(moved),
      tasks: rangesOf(ordinals.filter((ordinal) => !isSame[ordinal])),
      results: rangesOf(ordinals.filter((ordinal) => !isSame[ordinal] || !this.#hasResult[ordinal])),
    };
  }

  #isUnchanged(place: number): boolean {
    const { rows, results } = this.#database;
    const slot = this.#slots[place] as number;
    if (rows.markOf(slot) !== this.#marks[place]) return false;
    const resultSlot = this.#resultSlots[place] as number;
    if (resultSlot === NO_SLOT) return results.slotOf(rows.idOf(slot), rows.runOf(slot)) === undefined;
    return results.markOf(resultSlot) === this.#resultMarks[place];
  }
}
