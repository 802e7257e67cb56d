import type { ReleaseOutcome } from "../model/settlement.ts";
import type { Logger } from "../ports/logger.ts";

const MIN_DELAY_MS = 1000;
const MAX_DELAY_MS = 60_000;

/**
 * Tasks whose name this worker does not know, because it runs other code than the process that enqueued them.
 * They are given back unharmed, each time for longer, so that a worker that knows them gets its turn.
 */
export class UnknownTasks {
  readonly #logger: Logger;
  readonly #delayMs = new Map<string, number>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  release(name: string): ReleaseOutcome {
    const delayMs = this.#delayMs.get(name) ?? MIN_DELAY_MS;
    if (!this.#delayMs.has(name)) {
      this.#logger.warn(
        `No task named ${name} is registered with this worker; such tasks are given back. Register it, or give it ` +
          "a queue that this worker does not serve.",
        { operation: name },
      );
    }
    this.#delayMs.set(name, Math.min(delayMs * 2, MAX_DELAY_MS));
    return { kind: "release", reason: "unknown_task", due: { inMs: delayMs } };
  }
}
