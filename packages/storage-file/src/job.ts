import { systemClock } from "@omniq/core";

/** How long to wait after an attempt that came to nothing. */
const PAUSE_MS = 1000;
/** How long to rest between two steps: a twentieth of the time goes to the steps, a quarter where there is some hurry. */
const REST_MS = 10;
const SHORT_REST_MS = 2;

/** Work beside other work, once at a time. */
export class Job {
  readonly #work: () => Promise<boolean>;
  readonly #isBehind: () => boolean;
  #isAwaited = false;
  #running: Promise<void> | null = null;
  #isStopped = false;
  #pausedUntil = 0;

  /**
   * @param work answers false where it could not be done
   * @param isBehind whether there is some hurry
   */
  constructor(work: () => Promise<boolean>, isBehind: () => boolean) {
    this.#work = work;
    this.#isBehind = isBehind;
  }

  get restMs(): number {
    return this.#isAwaited || this.#isBehind() ? SHORT_REST_MS : REST_MS;
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
    this.#isAwaited = true;
    await this.#running;
    this.#pausedUntil = 0;
    this.start();
    await this.#running;
    this.#isAwaited = false;
  }

  /** Ends the one that is under way, and begins no other. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }
}
