import type { Update } from "@omniq/journal";
import { RecordText } from "./record-text.ts";

/** Puts down what some work changes, as lines of entries: what is in one line is stored whole or not at all. */
export class Recorder {
  /** The lines so far; null where nothing is being recorded. */
  #lines: Buffer[] | null = null;
  readonly #line = new RecordText();
  #isSplitting = false;

  /** @param work is given a function that ends a line */
  record<T>(work: (endLine: () => void) => T): Update<T> {
    const lines: Buffer[] = [];
    this.#lines = lines;
    this.#line.clear();
    try {
      const value = work(() => this.#endLine());
      this.#endLine();
      return { value, records: lines };
    } finally {
      this.#lines = null;
      this.#isSplitting = false;
    }
  }

  /** From here on until the work is done, each task has a line of its own. */
  splitByTask(): void {
    this.#endLine();
    this.#isSplitting = true;
  }

  /** @param entry the JSON text of an entry, asked for only while something is being recorded */
  log(entry: () => string, isAboutAnotherTask = false): void {
    if (!this.#lines) return;
    if (isAboutAnotherTask && this.#isSplitting) this.#endLine();
    this.#line.add(entry());
  }

  #endLine(): void {
    const line = this.#line.take();
    if (line) this.#lines?.push(line);
  }
}
