import { type Clock, sleep, systemClock } from "../ports/clock.ts";

/** Who is told looks for all that there is, so one telling serves everything that comes up so soon after it. */
const PAUSE_MS = 2;

/**
 * Tells others that there is something to look for. The first announcement is told at once; those that come while it is
 * told, and in the pause after that, share one telling, which follows. So none is lost, however many there are, and
 * telling, which costs a file or a server something, is not done for each.
 */
export class Announcer {
  readonly #tell: () => unknown;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #isOwed = false;
  #telling: Promise<void> | null = null;

  /** @param tell may answer a promise. Where it fails, nobody hears of it: what it tells of is found by polling. */
  constructor(tell: () => unknown, clock: Clock = systemClock) {
    this.#tell = tell;
    this.#clock = clock;
  }

  announce(): void {
    this.#isOwed = true;
    this.#telling ??= this.#tellOwed();
  }

  /**
   * Whether the caller may tell by itself, in the course of what it does anyway: where nothing is told at the moment, and
   * no pause is on. That is one telling like any other, and the pause begins.
   */
  leaveToCaller(): boolean {
    if (this.#telling) return false;
    this.#telling = this.#pause().then(() => this.#tellOwed());
    return true;
  }

  /** Tells at once what is owed, and resolves when it is told. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#telling;
  }

  async #tellOwed(): Promise<void> {
    while (this.#isOwed) {
      this.#isOwed = false;
      try {
        await this.#tell();
      } catch {
        // The next one may get through.
      }
      await this.#pause();
    }
    // In one turn with the last look at what is owed: what is announced from here on starts anew.
    this.#telling = null;
  }

  #pause(): Promise<void> {
    return sleep(this.#clock, PAUSE_MS, this.#closing.signal);
  }
}
