import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rename, stat, unlink, utimes } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { LogSettings } from "./settings.ts";

/** As {@link RotatedFiles.nextPath} writes it: an instant to the millisecond, without colons, and a number. */
const STAMP = /^\d{4,}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z-\d+$/;
const COMPRESSED = ".gz";
const UNFINISHED = ".part";

/** The files that a log file has left behind, `omniq.2026-01-31T10-30-45-123Z-1.log`: compressed, and removed in time. */
export class RotatedFiles {
  readonly #path: string;
  readonly #settings: Pick<LogSettings, "retentionMs" | "compression" | "clock">;
  readonly #onError: (error: unknown) => void;
  #count = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(
    path: string,
    settings: Pick<LogSettings, "retentionMs" | "compression" | "clock">,
    onError: (error: unknown) => void,
  ) {
    this.#path = path;
    this.#settings = settings;
    this.#onError = onError;
  }

  /** Resolves when nothing is being compressed or removed. */
  get settled(): Promise<void> {
    return this.#work;
  }

  /** Where the log file goes now that it is set aside. The number tells apart what one millisecond has set aside. */
  nextPath(): string {
    const [start, end] = this.#name();
    const stamp = new Date(this.#settings.clock.now()).toISOString().replaceAll(/[:.]/g, "-");
    return join(dirname(this.#path), `${start}.${stamp}-${++this.#count}${end}`);
  }

  /** Compresses and removes what has to be. Also what an earlier process was stopped at. */
  tidy(): void {
    this.#work = this.#work.then(() => this.#tidy()).catch(this.#onError);
  }

  async #tidy(): Promise<void> {
    const { clock, retentionMs, compression } = this.#settings;
    const folder = dirname(this.#path);
    for (const name of await readdir(folder)) {
      const isCompressed = name.endsWith(COMPRESSED);
      if (!this.#isOurs(isCompressed ? name.slice(0, -COMPRESSED.length) : name)) continue;
      const path = join(folder, name);
      const { mtimeMs } = await stat(path);
      if (clock.now() - mtimeMs > retentionMs) await unlink(path);
      else if (compression === "gz" && !isCompressed) await compress(path);
    }
  }

  /** Nothing else in the folder is touched, however alike its name. */
  #isOurs(name: string): boolean {
    const [start, end] = this.#name();
    if (!name.startsWith(`${start}.`) || !name.endsWith(end)) return false;
    return STAMP.test(name.slice(start.length + 1, name.length - end.length));
  }

  #name(): [start: string, end: string] {
    const end = extname(this.#path);
    return [basename(this.#path, end), end];
  }
}

/** A compressed file is there whole or not at all, and is as old as what it was made from. */
async function compress(path: string): Promise<void> {
  const unfinished = `${path}${COMPRESSED}${UNFINISHED}`;
  const { atime, mtime } = await stat(path);
  await pipeline(createReadStream(path), createGzip(), createWriteStream(unfinished));
  await utimes(unfinished, atime, mtime);
  await rename(unfinished, `${path}${COMPRESSED}`);
  await unlink(path);
}
