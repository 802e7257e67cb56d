/** Longer ones are handed over as they are, shorter ones copied out. */
const SHORT_BYTES = 16 * 1024;
/** The most that is made ready for a record that is not there yet. */
const MOST_READY_BYTES = 1024 * 1024;
const [OPENING_BRACKET, COMMA, CLOSING_BRACKET] = [0x5b, 0x2c, 0x5d];

/**
 * The text of a record, put together as bytes: a thousand entries as texts would be copied by the garbage collector, then
 * into one text, then into the bytes that are written.
 */
export class RecordText {
  #bytes = Buffer.allocUnsafeSlow(SHORT_BYTES);
  #end = 0;

  add(entry: string): void {
    // No character takes more than three bytes; and a bracket or comma before it, a bracket after it.
    const most = this.#end + 3 * entry.length + 2;
    if (most > this.#bytes.length) this.#grow(most);
    this.#bytes[this.#end] = this.#end === 0 ? OPENING_BRACKET : COMMA;
    this.#end += 1 + this.#bytes.write(entry, this.#end + 1);
  }

  clear(): void {
    this.#end = 0;
  }

  /** What was added, as an array in JSON, and begins anew; null where nothing was. */
  take(): Buffer | null {
    if (this.#end === 0) return null;
    this.#bytes[this.#end] = CLOSING_BRACKET;
    const text = this.#bytes.subarray(0, this.#end + 1);
    this.#end = 0;
    if (text.length <= SHORT_BYTES) return Buffer.from(text);
    // The next one is likely to be as long.
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(MOST_READY_BYTES, Math.ceil(1.1 * text.length)));
    return text;
  }

  #grow(least: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(least, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#end);
    this.#bytes = grown;
  }
}
