import { type LineKind, lineLength, writeLine } from "./line.ts";

const LEAST_BYTES = 64 * 1024;
/** Memory beyond this is let go of. */
const MOST_KEPT_BYTES = 1024 * 1024;

/**
 * The lines of an append, one after the other, in memory that serves one append after the other: a buffer for each line, and
 * one for all, would take longer than what is written to them.
 */
export class AppendLines {
  #memory = Buffer.allocUnsafeSlow(LEAST_BYTES);
  #end = 0;

  get length(): number {
    return this.#end;
  }

  /** Valid until the next `clear`. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#end);
  }

  clear(): void {
    this.#end = 0;
    if (this.#memory.length > MOST_KEPT_BYTES) this.#memory = Buffer.allocUnsafeSlow(LEAST_BYTES);
  }

  add(kind: LineKind, json: string | Buffer): void {
    const text = typeof json === "string" ? Buffer.from(json) : json;
    const spaces = this.#end === 0 ? 1 : 0;
    const end = this.#end + lineLength(text, spaces);
    if (end > this.#memory.length) this.#grow(end);
    writeLine(this.#memory, this.#end, kind, text, spaces);
    this.#end = end;
  }

  #grow(least: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(least, 2 * this.#memory.length));
    this.#memory.copy(grown, 0, 0, this.#end);
    this.#memory = grown;
  }
}
