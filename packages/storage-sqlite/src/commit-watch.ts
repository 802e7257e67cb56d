import { type Timer, systemClock } from "@omniq/core";

/** The longest pause between two looks. */
const MAX_PAUSE_MS = 250;
/** After so many looks, which take about a minute, the poll of the workers has to do. */
const MAX_LOOKS = 250;

/** Waits for the end of transactions of the application's, of which SQLite tells nobody. */
export class CommitWatch {
  readonly #timers = new Set<Timer>();
  #closed = false;

  /**
   * Calls `then` once `isOver`; looks first when the present turn of the event loop has ended. Gives up where that cannot
   * be found out, the database being gone.
   */
  wait(isOver: () => boolean, then: () => void): void {
    setImmediate(() => this.#look(isOver, then, 1));
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) timer.cancel();
  }

  #look(isOver: () => boolean, then: () => void, looks: number): void {
    if (this.#closed || looks > MAX_LOOKS) return;
    let isDone: boolean;
    try {
      isDone = isOver();
    } catch {
      return;
    }
    if (isDone) {
      then();
      return;
    }
    const timer = systemClock.setTimer(
      () => {
        this.#timers.delete(timer);
        this.#look(isOver, then, looks + 1);
      },
      Math.min(2 ** looks, MAX_PAUSE_MS),
    );
    this.#timers.add(timer);
  }
}
