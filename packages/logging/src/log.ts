import { FileSink } from "./file-sink.ts";
import { developmentLines, jsonLine } from "./formats.ts";
import { type LogLevel, SEVERITY } from "./log-level.ts";
import { type Entry, recordOf } from "./log-record.ts";
import type { LogSettings } from "./settings.ts";

/** Where records go, by the settings of one `configure`. Opening one does no I/O: its first record does. */
export class Log {
  /** Whether records should name the line that logged them. */
  readonly wantsLines: boolean;
  readonly #settings: LogSettings;
  readonly #least: number;
  readonly #format: (entry: Entry) => string;
  readonly #file: FileSink | null;

  constructor(settings: LogSettings) {
    this.#settings = settings;
    this.#least = SEVERITY[settings.level];
    this.wantsLines = settings.mode === "DEV";
    const format = settings.format ?? (settings.mode === "PROD" ? jsonLine : developmentLines);
    this.#format = (entry) => {
      try {
        return format(recordOf(entry));
      } catch (error) {
        // A format of the user's own, or a fact that cannot be read: no task may fail for it.
        const message = `A log record could not be written as text: ${error instanceof Error ? error : typeof error}`;
        return jsonLine({ ...entry, message, fields: {} });
      }
    };
    this.#file =
      settings.mode === "PROD"
        ? new FileSink(settings, this.#format, (lost) => this.#tellOfLoss(lost))
        : null;
  }

  takes(level: LogLevel): boolean {
    return SEVERITY[level] >= this.#least;
  }

  now(): number {
    return this.#settings.clock.now();
  }

  write(entry: Entry): void {
    if (!this.#file) {
      process.stderr.write(this.#format(entry));
      return;
    }
    this.#file.write(entry);
    if (this.#settings.stdout) process.stdout.write(this.#format(entry));
  }

  /** Resolves when every record so far is in the file, or was given up. Never rejects. */
  async flush(): Promise<void> {
    await this.#file?.flush();
  }

  /** Writes what waits, before the process ends. */
  flushSync(): void {
    this.#file?.flushSync();
  }

  close(): void {
    this.#file?.close();
  }

  #tellOfLoss(lost: number): void {
    this.write({
      timestamp: this.now(),
      level: "WARNING",
      logger: "omniq.logging",
      line: null,
      message: `${lost} log records were lost while the log file could not be written`,
      facts: [],
      own: { lost },
    });
  }
}
