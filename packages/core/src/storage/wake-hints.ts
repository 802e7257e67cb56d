import type { WakeHint, Watch } from "./params.ts";

/**
 * Spreads hints that something may be due: those of this process at once, those of others through the adapter's
 * watch, which is opened with the first listener and closed with the last.
 */
export class WakeHints {
  readonly #listeners = new Set<WakeHint>();
  readonly #openWatch: (onHint: WakeHint) => Promise<Watch | null>;
  #watch: Promise<Watch | null> | null = null;

  constructor(openWatch: (onHint: WakeHint) => Promise<Watch | null>) {
    this.#openWatch = openWatch;
  }

  readonly hint = (): void => {
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch {
        // What is hinted at is stored already; neither the call nor another listener fails for this one.
      }
    }
  };

  async add(listener: WakeHint): Promise<Watch> {
    // Wrapped, so that one function may listen twice and stop each on its own.
    const entry = (): void => listener();
    this.#listeners.add(entry);
    this.#watch ??= this.#openWatch(this.hint);
    try {
      await this.#watch;
    } catch (error) {
      this.#listeners.delete(entry);
      this.#watch = null;
      throw error;
    }
    return {
      close: async () => {
        if (this.#listeners.delete(entry) && this.#listeners.size === 0) await this.close();
      },
    };
  }

  async close(): Promise<void> {
    const watch = this.#watch;
    this.#watch = null;
    this.#listeners.clear();
    await (await watch)?.close();
  }
}
