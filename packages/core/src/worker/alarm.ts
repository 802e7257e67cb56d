import type { Timer } from "../ports/clock.ts";
import type { TaskQueue } from "../queue/task-queue.ts";
import type { NextDueResult } from "../storage/params.ts";
import type { WorkerSettings } from "./worker-options.ts";

/** So that a due time which a claim cannot serve is no reason to spin. */
const MIN_SLEEP_MS = 5;

/** Wakes a loop when something falls due, or after a pause. It is set for one instant at a time. */
export class Alarm {
  readonly #queue: TaskQueue;
  readonly #settings: Pick<WorkerSettings, "pollMs" | "rotation">;
  readonly #ring: () => void;
  #timer: Timer | null = null;

  constructor(queue: TaskQueue, settings: Pick<WorkerSettings, "pollMs" | "rotation">, ring: () => void) {
    this.#queue = queue;
    this.#settings = settings;
    this.#ring = ring;
  }

  /** For when something falls due, and never later than after the poll interval. @throws StorageError */
  async setForNextDue(): Promise<void> {
    const { pollMs } = this.#settings;
    const { now, at } = await this.nextDue();
    this.setIn(at === null ? pollMs : Math.min(Math.max(at - now, MIN_SLEEP_MS), pollMs));
  }

  /** When something falls due. @throws StorageError */
  nextDue(): Promise<NextDueResult> {
    const { rotation } = this.#settings;
    return this.#queue.storage.nextDue(rotation ? { queues: rotation.names } : {});
  }

  setIn(delayMs: number): void {
    this.cancel();
    this.#timer = this.#queue.clock.setTimer(this.#ring, delayMs);
  }

  cancel(): void {
    this.#timer?.cancel();
  }
}
