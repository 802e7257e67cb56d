import { type FSWatcher, closeSync, futimesSync, openSync, rmSync, watch } from "node:fs";
import { type Timer, systemClock } from "../ports/clock.ts";
import type { Watch } from "./params.ts";

/** Who is woken looks for all that is due, so one ring tells of everything that comes up so soon after it. */
const PAUSE_MS = 2;

/**
 * Wakes workers in other processes of one machine: a file whose times are touched when something may be due, and which
 * they watch. It holds nothing, and a ring that is lost costs no more than a poll.
 *
 * The first ring is given at once; those that follow within milliseconds are one, given after them. For touching a file
 * makes the next sync of any other slower.
 */
export class Doorbell {
  readonly #path: string;
  #file: number | null = null;
  #pause: Timer | null = null;
  #owesRing = false;

  /** @param path the file; it is made when it is first needed. */
  constructor(path: string) {
    this.#path = path;
  }

  ring(): void {
    if (this.#pause) {
      this.#owesRing = true;
      return;
    }
    this.#touch();
    this.#pause = systemClock.setTimer(() => this.#goOn(), PAUSE_MS);
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
    this.#pause?.cancel();
    this.#goOn();
    this.#pause?.cancel();
    this.#pause = null;
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  remove(): void {
    this.close();
    rmSync(this.#path, { force: true });
  }

  #goOn(): void {
    this.#pause = null;
    if (!this.#owesRing) return;
    this.#owesRing = false;
    try {
      this.ring();
    } catch {
      // What it tells of is stored already, and is found by polling.
    }
  }

  #touch(): void {
    this.#file ??= openSync(this.#path, "a");
    const now = systemClock.now() / 1000;
    futimesSync(this.#file, now, now);
  }
}
