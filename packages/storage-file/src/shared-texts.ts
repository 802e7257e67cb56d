import type { SequencedTask } from "@omniq/core/storage";

const MOST_SHARED = 10_000;

/** Many tasks have the same name, queue and policies; one copy of each text is enough. */
export class SharedTexts {
  readonly #texts = new Map<string, string>();

  shareIn(row: SequencedTask): SequencedTask {
    return {
      ...row,
      name: this.#share(row.name),
      queue: this.#share(row.queue),
      format: this.#share(row.format),
      policies: row.policies === null ? null : this.#share(row.policies),
    };
  }

  #share(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= MOST_SHARED) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }
}
