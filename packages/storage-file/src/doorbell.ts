import { type FSWatcher, closeSync, futimesSync, openSync, rmSync, watch } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@omniq/core";
import type { Watch } from "@omniq/core/storage";

/**
 * Wakes workers in other processes: a file in the folder whose times are touched when something may be due, and which
 * they watch. It holds nothing, and a ring that is lost costs no more than a poll.
 */
export class Doorbell {
  readonly #path: string;
  #file: number | null = null;

  constructor(folder: string) {
    this.#path = join(folder, "wake");
  }

  ring(): void {
    this.#file ??= openSync(this.#path, "a");
    const now = systemClock.now() / 1000;
    futimesSync(this.#file, now, now);
  }

  listen(onRing: () => void): Watch {
    this.#file ??= openSync(this.#path, "a");
    const watcher: FSWatcher = watch(this.#path, { persistent: false }, () => onRing());
    // Polling goes on where the watch breaks.
    watcher.on("error", () => watcher.close());
    return {
      close: () => {
        watcher.close();
        return Promise.resolve();
      },
    };
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  remove(): void {
    this.close();
    rmSync(this.#path, { force: true });
  }
}
