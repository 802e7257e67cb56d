import { systemClock } from "@omniq/core";

/** How long to wait after an attempt that came to nothing. */
const PAUSE_MS = 1000;

/** Work beside other work, once at a time. */
export class Job {
  readonly #work: () => Promise<boolean>;
  #running: Promise<void> | null = null;
  #isStopped = false;
  #pausedUntil = 0;

  /** @param work answers false where it could not be done */
  constructor(work: () => Promise<boolean>) {
    this.#work = work;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  start(): void {
    if (this.#running || this.#isStopped || systemClock.now() < this.#pausedUntil) return;
    this.#running = this.#work()
      // Nothing is lost by a failure: what it was about is as it was, and the disk's errors are told to those who append.
      .catch(() => false)
      .then((isDone) => {
        if (!isDone) this.#pausedUntil = systemClock.now() + PAUSE_MS;
        this.#running = null;
      });
  }

  /** Once from the beginning, whatever became of the last attempt. */
  async again(): Promise<void> {
    await this.#running;
    this.#pausedUntil = 0;
    this.start();
    await this.#running;
  }

  /** Ends the one that is under way, and begins no other. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }
}
