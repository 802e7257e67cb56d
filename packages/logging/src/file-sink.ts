import { appendFileSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Timer, systemClock } from "@omniq/core";
import { type RotatingFileStream, createStream } from "rotating-file-stream";
import { RotatedFiles } from "./rotated-files.ts";
import type { Entry } from "./log-record.ts";
import type { LogSettings } from "./settings.ts";

/** How long a record may wait for others to be written together with. */
const GATHER_MS = 200;
/** So many are written at once, without waiting for more. */
const GATHERED = 1000;
/** So many may wait for a disk that does not keep up; beyond it records are dropped, and counted. */
const MAX_WAITING = 50_000;
const CHUNK_CHARS = 64 * 1024;
const RETRY_MS = 5000;

/**
 * Appends records to a file that is set aside by size or time. A record costs its caller a push onto a list. It is made a
 * line once the turn of the event loop that logged it has set everything off, so that tasks do not wait for it, and lines
 * are written many at once. A file that cannot be written fails nobody: it is told of once, and tried again.
 */
export class FileSink {
  readonly #format: (entry: Entry) => string;
  readonly #settings: Pick<LogSettings, "rotation">;
  readonly #path: string;
  readonly #rotated: RotatedFiles;
  readonly #onRecovered: (lost: number) => void;
  /** A line at a time where the file is small, so that it is set aside at its size. */
  readonly #chunkChars: number;
  #entries: Entry[] = [];
  #lines: string[] = [];
  #timer: Timer | null = null;
  #draining: Promise<void> | null = null;
  #stream: RotatingFileStream | null = null;
  #retryAt = 0;
  #lost = 0;
  #hasTold = false;
  #isClosed = false;

  /** @param onRecovered called when the file can be written again, with how many records were lost. */
  constructor(
    settings: Pick<LogSettings, "file" | "rotation" | "retentionMs" | "compression" | "clock">,
    format: (entry: Entry) => string,
    onRecovered: (lost: number) => void,
  ) {
    this.#settings = settings;
    this.#format = format;
    // Now, so that a process that changes its folder goes on with the same file.
    this.#path = resolve(settings.file);
    this.#rotated = new RotatedFiles(this.#path, settings, (error) => this.#tell(error));
    this.#onRecovered = onRecovered;
    const { rotation } = settings;
    this.#chunkChars = rotation.by === "size" ? Math.min(CHUNK_CHARS, rotation.bytes / 64) : CHUNK_CHARS;
  }

  write(entry: Entry): void {
    if (this.#waiting >= MAX_WAITING) {
      this.#lost++;
      return;
    }
    // Two turns: in the first, what the others of this turn have ended is settled, and what is next is begun.
    if (this.#entries.length === 0) setImmediate(() => setImmediate(() => this.#makeLines()));
    this.#entries.push(entry);
    if (this.#waiting >= GATHERED) this.#drain();
    else this.#timer ??= systemClock.setTimer(() => this.#drain(), GATHER_MS);
  }

  /** Resolves when every record so far is in the file or was given up, and files set aside are seen to. Never rejects. */
  async flush(): Promise<void> {
    this.#drain();
    await this.#draining;
    await this.#rotated.settled;
  }

  /**
   * Appends what waits without the stream. What the stream was given is with the system already, whether or not it has
   * answered: the file is open before it is given anything, and it sets a file aside only after it has written.
   */
  flushSync(): void {
    if (this.#waiting === 0) return;
    try {
      const { text } = this.#take(Infinity);
      mkdirSync(dirname(this.#path), { recursive: true });
      appendFileSync(this.#path, text);
    } catch (error) {
      this.#tell(error);
    }
  }

  close(): void {
    this.flushSync();
    this.#isClosed = true;
    this.#stream?.end();
    this.#stream = null;
  }

  get #waiting(): number {
    return this.#entries.length + this.#lines.length;
  }

  #makeLines(): void {
    for (const entry of this.#entries) this.#lines.push(this.#format(entry));
    this.#entries = [];
  }

  #drain(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#draining ??= this.#writeAll().finally(() => (this.#draining = null));
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting > 0) {
      const stream = this.#stream ?? (await this.#open());
      if (!stream) {
        this.#lost += this.#waiting;
        this.#entries = [];
        this.#lines = [];
        return;
      }
      const { text, count } = this.#take(this.#chunkChars);
      if (!(await written(stream, text))) this.#lost += count;
    }
  }

  /** The lines to write next: at least so many characters of them, if there are. */
  #take(chars: number): { readonly text: string; readonly count: number } {
    this.#makeLines();
    let text = "";
    let count = 0;
    for (const line of this.#lines) {
      text += line;
      count++;
      if (text.length >= chars) break;
    }
    this.#lines.splice(0, count);
    return { text, count };
  }

  /** Null where the file cannot be written at present. */
  async #open(): Promise<RotatingFileStream | null> {
    if (systemClock.now() < this.#retryAt) return null;
    const { rotation } = this.#settings;
    const when =
      rotation.by === "size"
        ? { size: `${rotation.bytes}B` }
        : { interval: rotation.interval, intervalBoundary: true, initialRotation: true };
    const stream = createStream((time) => (time ? this.#rotated.nextPath() : this.#path), when);
    stream.on("rotated", () => this.#rotated.tidy());
    const opened = await new Promise<boolean>((resolved) => {
      stream.once("open", () => resolved(true));
      stream.on("error", (error) => {
        this.#fail(error);
        resolved(false);
      });
    });
    if (!opened) return null;
    if (this.#isClosed) {
      stream.end();
      return null;
    }
    this.#stream = stream;
    this.#rotated.tidy();
    const lost = this.#lost;
    this.#lost = 0;
    if (lost > 0) this.#onRecovered(lost);
    return stream;
  }

  #fail(error: unknown): void {
    this.#stream = null;
    this.#retryAt = systemClock.now() + RETRY_MS;
    this.#tell(error);
  }

  /** Once: whoever reads stderr knows what to do, and a full disk is not helped by being told a thousand times. */
  #tell(error: unknown): void {
    if (this.#hasTold) return;
    this.#hasTold = true;
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      `OmniQ cannot write its log file ${this.#path}: ${why}. Tasks go on, their log records are dropped. ` +
        "Make room or grant rights, or name another file by OMNIQ_LOG_FILE.\n",
    );
  }
}

/** False where it was not written, or not all of it. The stream tells why by an event. */
function written(stream: RotatingFileStream, text: string): Promise<boolean> {
  return new Promise((resolved) => {
    stream.write(text, (error) => resolved(!error));
  });
}
