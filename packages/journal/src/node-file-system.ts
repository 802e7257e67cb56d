import * as fs from "node:fs";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";
import { systemClock } from "@omniq/core";
import type { FileSystem, OpenFile } from "./file-system.ts";

const fdatasync = promisify(fs.fdatasync);
const fsync = promisify(fs.fsync);

/**
 * A trip to the thread pool and back takes half as long as a sync does on a fast disk. Where the disk answers within this
 * time, a sync is made in place; the event loop is never held for long, since one that took longer sends the next away.
 */
const QUICK_SYNC_MS = 1;

/** The machine's own files. */
export const nodeFileSystem: FileSystem = {
  list: (folder) => fs.readdirSync(folder),
  exists: (path) => fs.existsSync(path),
  signOf(path) {
    const stats = fs.statSync(path, { bigint: true, throwIfNoEntry: false });
    return stats ? `${stats.ino} ${stats.ctimeNs} ${stats.size}` : null;
  },
  identityOf: (path) => fs.statSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? null,
  readText: (path) => unlessMissing(() => fs.readFileSync(path, "utf8")),
  create: (path) => new NodeFile(fs.openSync(path, "wx+")),
  open: (path) => unlessMissing(() => new NodeFile(fs.openSync(path, "r+"))),
  link(from, to) {
    try {
      fs.linkSync(from, to);
      return true;
    } catch (error) {
      if (codeOf(error) === "EEXIST") return false;
      throw error;
    }
  },
  remove: (path) => void unlessMissing(() => fs.unlinkSync(path)),
  async makeFolder(path) {
    const first = fs.mkdirSync(path, { recursive: true });
    if (first === undefined) return;
    // A folder that was made is on the disk once the one above it was synced.
    for (let made = resolve(path); ; made = dirname(made)) {
      await this.syncFolder(dirname(made));
      if (made === resolve(first)) return;
    }
  },
  removeFolder(path) {
    try {
      fs.rmdirSync(path);
    } catch (error) {
      if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(codeOf(error))) throw error;
    }
  },
  async syncFolder(path) {
    // Windows opens no folders, and keeps names by itself.
    if (process.platform === "win32") return;
    const folder = fs.openSync(path, "r");
    try {
      await fsync(folder);
    } finally {
      fs.closeSync(folder);
    }
  },
  typeOf(folder) {
    try {
      return fs.statfsSync(folder).type;
    } catch {
      return null;
    }
  },
};

class NodeFile implements OpenFile {
  readonly #descriptor: number;
  /** Whether the last sync was so quick that the next is made in place. */
  #isQuick = false;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  look(): { readonly size: number; readonly isNamed: boolean } {
    const { size, nlink } = fs.fstatSync(this.#descriptor);
    return { size, isNamed: nlink > 0 };
  }

  read(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const count = fs.readSync(this.#descriptor, bytes, filled, length - filled, position + filled);
      if (count === 0) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  }

  write(bytes: Buffer, position: number): void {
    let written = 0;
    while (written < bytes.length) {
      written += fs.writeSync(this.#descriptor, bytes, written, bytes.length - written, position + written);
    }
  }

  truncate(size: number): void {
    fs.ftruncateSync(this.#descriptor, size);
  }

  async sync(): Promise<void> {
    const begun = systemClock.now();
    if (this.#isQuick) {
      fs.fdatasyncSync(this.#descriptor);
      this.#isQuick = systemClock.now() - begun <= QUICK_SYNC_MS;
      // Other work gets its turn, and what it asks for meanwhile is in the next batch.
      await new Promise((done) => setImmediate(done));
    } else {
      await fdatasync(this.#descriptor);
      this.#isQuick = systemClock.now() - begun <= QUICK_SYNC_MS;
    }
  }

  close(): void {
    fs.closeSync(this.#descriptor);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "";
}

function unlessMissing<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}
