import { type FSWatcher, closeSync, futimesSync, openSync, rmSync, watch } from "node:fs";
import { messageOf } from "../errors/omniq-error.ts";
import { systemClock } from "../ports/clock.ts";
import { emitWarning } from "../ports/warning.ts";
import { Announcer } from "./announcer.ts";
import type { Watch } from "./params.ts";

/**
 * Wakes workers in other processes of one machine: a file whose times are touched when something may be due, and which
 * they watch. It holds nothing, and a ring that is lost costs no more than a poll. Rings that come close together are
 * one, for touching a file makes the next sync of any other slower.
 */
export class Doorbell {
  readonly #path: string;
  readonly #announcer = new Announcer(() => this.#touch());
  #file: number | null = null;

  /** @param path the file; it is made when it is first needed. */
  constructor(path: string) {
    this.#path = path;
  }

  ring(): void {
    this.#announcer.announce();
  }

  listen(onRing: () => void): Watch {
    this.#file ??= openSync(this.#path, "a");
    const watcher = this.#watch(onRing);
    // Polling goes on where the watch breaks.
    watcher?.on("error", () => watcher.close());
    return {
      close: () => {
        watcher?.close();
        return Promise.resolve();
      },
    };
  }

  /** Null where the system watches no more files: then there is polling alone. */
  #watch(onRing: () => void): FSWatcher | null {
    try {
      return watch(this.#path, { persistent: false }, () => onRing());
    } catch (error) {
      const why = `${this.#path} cannot be watched, so workers look for tasks at their poll interval only: ${messageOf(error)}`;
      emitWarning("OMNIQ_NOT_WATCHED", why);
      return null;
    }
  }

  async close(): Promise<void> {
    await this.#announcer.close();
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  async remove(): Promise<void> {
    await this.close();
    rmSync(this.#path, { force: true });
  }

  #touch(): void {
    this.#file ??= openSync(this.#path, "a");
    const now = systemClock.now() / 1000;
    futimesSync(this.#file, now, now);
  }
}
