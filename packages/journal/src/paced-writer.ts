import { sleep, systemClock } from "@omniq/core";
import type { OpenFile } from "./file-system.ts";

/** How much is written at a time where nothing else goes on: well under a millisecond of work. */
const STEP_BYTES = 64 * 1024;
/** The most at a time. */
const MOST_BYTES = 1024 * 1024;
/** How long the writing rests between two steps, so that it takes but a part of the processor. */
const REST_MS = 2;
/** How much is written before it is synced: the syncs of those who append must not wait for a long one. */
const SYNC_BYTES = 4 * 1024 * 1024;

/**
 * Writes a long file beside other work, a little at a time. Where that work is so much that a rest takes longer than it
 * was meant to, the next step is so much larger: its share of the time stays what it is, and so the file gets done.
 */
export class PacedWriter {
  readonly #file: OpenFile;
  readonly #restMs: () => number;
  #pieces: Buffer[] = [];
  #length = 0;
  #end: number;
  #synced: number;
  #stepBytes = STEP_BYTES;

  /**
   * @param start where in the file to begin
   * @param restMs how long to rest, asked before each rest
   */
  constructor(file: OpenFile, start: number, restMs: () => number = () => REST_MS) {
    this.#file = file;
    this.#restMs = restMs;
    this.#end = start;
    this.#synced = start;
  }

  /** Whether a step is full, so that `step` is to be called. */
  add(bytes: Buffer): boolean {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    return this.#length >= this.#stepBytes;
  }

  /** Writes what was added, and rests. */
  async step(): Promise<void> {
    this.#write();
    if (this.#end - this.#synced >= SYNC_BYTES) {
      await this.#file.sync();
      this.#synced = this.#end;
    }
    const restMs = this.#restMs();
    const begun = systemClock.now();
    await sleep(systemClock, restMs);
    const share = (systemClock.now() - begun) / restMs;
    this.#stepBytes = Math.min(MOST_BYTES, Math.max(STEP_BYTES, STEP_BYTES * share));
  }

  /** Writes what is left. Answers where it ends; it is not on the disk yet. */
  finish(): number {
    this.#write();
    return this.#end;
  }

  #write(): void {
    this.#file.write(Buffer.concat(this.#pieces), this.#end);
    this.#end += this.#length;
    this.#pieces = [];
    this.#length = 0;
  }
}
