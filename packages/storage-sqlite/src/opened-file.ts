import { statSync } from "node:fs";
import { StorageError, systemClock } from "@omniq/core";

/** How often to look whether the file is where it was. */
const LOOK_EVERY_MS = 1000;

/**
 * The file that a connection has open. Once it was removed, or another was put in its place, SQLite writes on to what nobody
 * will find again, and says nothing.
 */
export class OpenedFile {
  readonly #path: string;
  readonly #identity: bigint | null;
  #lookedAt: number;

  /** To be made once the file is there. */
  constructor(path: string) {
    this.#path = path;
    this.#identity = identityOf(path);
    this.#lookedAt = systemClock.now();
  }

  /** Looks once a second. @throws StorageError `database_moved` */
  check(): void {
    const now = systemClock.now();
    if (Math.abs(now - this.#lookedAt) < LOOK_EVERY_MS) return;
    if (identityOf(this.#path) !== this.#identity) {
      throw new StorageError(
        "database_moved",
        `${this.#path} was removed, or another file was put in its place, while this store had it open: what is written to ` +
          "it would be lost. Nothing was written. Close this store, and make another.",
      );
    }
    this.#lookedAt = now;
  }
}

function identityOf(path: string): bigint | null {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
}
