const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5000;

/** How long a store has failed, as far as the next try depends on it. */
export class Outage {
  #pauseMs = 0;

  get isOn(): boolean {
    return this.#pauseMs > 0;
  }

  /** The store has answered. */
  end(): void {
    this.#pauseMs = 0;
  }

  /** The store has failed once more. Answers how long to wait before the next try: longer each time. */
  goOn(): number {
    this.#pauseMs = Math.min(Math.max(this.#pauseMs * 2, MIN_PAUSE_MS), MAX_PAUSE_MS);
    return this.#pauseMs;
  }
}
