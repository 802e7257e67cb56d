import { type Clock, systemClock } from "../ports/clock.ts";

/** Who is told looks for all that there is, so one telling serves everything that comes up in two spans after it. */
const SPAN_MS = 1;

/**
 * Tells others that there is something to look for. The first announcement is told at once; those that come while it is
 * told, and in the pause after that, share one telling, which follows. So none is lost, however many there are, and
 * telling, which costs a file or a server something, is not done for each.
 */
export class Announcer {
  readonly #tell: () => unknown;
  readonly #clock: Clock;
  #isOwed = false;
  #isClosing = false;
  /** In the second span of a pause, as long as no caller has told in it. */
  #isRipe = false;
  #endSpan: (() => void) | null = null;
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
   * nothing has just been. That is one telling like any other: it serves what is owed too, and the pause begins. A caller
   * that fails to has to announce instead.
   */
  leaveToCaller(): boolean {
    if (this.#telling && !this.#isRipe) return false;
    this.#isOwed = false;
    this.#isRipe = false;
    this.#endSpan?.();
    this.#telling ??= this.#pause().then(() => this.#tellOwed());
    return true;
  }

  /** Tells at once what is owed, and resolves when it is told. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#endSpan?.();
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

  /** Two spans, and two more where a caller has told in the second. */
  async #pause(): Promise<void> {
    do {
      await this.#span();
      this.#isRipe = true;
      await this.#span();
    } while (!this.#isRipe);
    this.#isRipe = false;
  }

  #span(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isClosing) return resolve();
      const timer = this.#clock.setTimer(resolve, SPAN_MS);
      this.#endSpan = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}
