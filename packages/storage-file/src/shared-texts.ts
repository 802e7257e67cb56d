import type { SequencedTask } from "@omniq/core/storage";
import type { WithoutNulls } from "./entries.ts";

const MOST_SHARED = 10_000;

/** Many tasks have the same name, queue and policies; one copy of each text is enough. */
export class SharedTexts {
  readonly #texts = new Map<string, string>();

  /** Replaces texts of a task that was just read, and that nobody else has yet. */
  shareIn(task: WithoutNulls<SequencedTask>): WithoutNulls<SequencedTask> {
    const texts = task as { name: string; queue: string; format: string; policies?: string };
    texts.name = this.#share(texts.name);
    texts.queue = this.#share(texts.queue);
    texts.format = this.#share(texts.format);
    if (texts.policies !== undefined) texts.policies = this.#share(texts.policies);
    return task;
  }

  #share(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= MOST_SHARED) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }
}
