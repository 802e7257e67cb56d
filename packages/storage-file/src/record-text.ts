const LEAST_BYTES = 64 * 1024;
/** Memory beyond this is let go of. */
const MOST_KEPT_BYTES = 1024 * 1024;
const [OPENING_BRACKET, COMMA, CLOSING_BRACKET] = [0x5b, 0x2c, 0x5d];

/**
 * The texts of records, put together as bytes, in memory that is used again: a thousand entries as texts would be copied by
 * the garbage collector, then into one text, then into the bytes that are written.
 */
export class RecordText {
  #memory = Buffer.allocUnsafeSlow(LEAST_BYTES);
  /** Where the record begins that is being put together, and where it ends so far. */
  #start = 0;
  #end = 0;

  add(entry: string): void {
    // No character takes more than three bytes; and a bracket or comma before it, a bracket after it.
    const most = this.#end + 3 * entry.length + 2;
    if (most > this.#memory.length) this.#grow(most - this.#start);
    this.#memory[this.#end] = this.#end === this.#start ? OPENING_BRACKET : COMMA;
    this.#end += 1 + this.#memory.write(entry, this.#end + 1);
  }

  /** Forgets all, also what was taken: its memory is used again. */
  clear(): void {
    this.#start = 0;
    this.#end = 0;
    if (this.#memory.length > MOST_KEPT_BYTES) this.#memory = Buffer.allocUnsafeSlow(LEAST_BYTES);
  }

  /** What was added, as an array in JSON, and begins anew; null where nothing was. */
  take(): Buffer | null {
    if (this.#end === this.#start) return null;
    this.#memory[this.#end++] = CLOSING_BRACKET;
    const text = this.#memory.subarray(this.#start, this.#end);
    this.#start = this.#end;
    return text;
  }

  /** What was taken stays where it is. */
  #grow(least: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(least, 2 * this.#memory.length));
    this.#memory.copy(grown, 0, this.#start, this.#end);
    this.#memory = grown;
    this.#end -= this.#start;
    this.#start = 0;
  }
}
