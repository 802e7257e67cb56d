import type { Alarm } from "./alarm.ts";

const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5000;

/** How long a store has failed, as far as the next try and the next claim depend on it. */
export class Outage {
  readonly #alarm: Pick<Alarm, "nextDue">;
  readonly #onFailure: (error: unknown) => void;
  #pauseMs = 0;
  #isClaimInDoubt = false;

  /**
   * @param alarm asks the store for something, which changes nothing.
   * @param onFailure told why it did not answer.
   */
  constructor(alarm: Pick<Alarm, "nextDue">, onFailure: (error: unknown) => void) {
    this.#alarm = alarm;
    this.#onFailure = onFailure;
  }

  get isOn(): boolean {
    return this.#pauseMs > 0;
  }

  /** The store has done what it was to do. */
  end(): void {
    this.#pauseMs = 0;
    this.#isClaimInDoubt = false;
  }

  /** The store has failed once more. Answers how long to wait before the next try: longer each time. */
  goOn(): number {
    this.#pauseMs = Math.min(Math.max(this.#pauseMs * 2, MIN_PAUSE_MS), MAX_PAUSE_MS);
    return this.#pauseMs;
  }

  /** A claim has failed. Where only its answer was lost, its tasks wait for their leases to lapse. */
  claimFailed(): void {
    this.#isClaimInDoubt = true;
  }

  /** Whether more may be claimed: after a claim that failed, once the store answers again. */
  async mayClaim(): Promise<boolean> {
    if (!this.#isClaimInDoubt) return true;
    try {
      await this.#alarm.nextDue();
      return true;
    } catch (error) {
      this.#onFailure(error);
      return false;
    }
  }
}
