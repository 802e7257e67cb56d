import { uuidV7 } from "@omniq/core";
import { AppendLines } from "./append-lines.ts";
import { Appender } from "./appender.ts";
import { Archives } from "./archives.ts";
import { BatchQueue } from "./batch-queue.ts";
import { Checkpoints } from "./checkpoints.ts";
import type { JournalContent, Update } from "./content.ts";
import type { FileSystem } from "./file-system.ts";
import { Holder } from "./holder.ts";
import { JournalError, toJournalError } from "./journal-error.ts";
import { Lock } from "./lock.ts";
import { refuseNetworkFileSystem } from "./network-file-systems.ts";
import { nodeFileSystem } from "./node-file-system.ts";
import { type Processes, machineProcesses } from "./processes.ts";
import { HEADER_BYTES } from "./segment-header.ts";
import { SegmentNames } from "./segment-names.ts";
import { Successors } from "./successor.ts";
import { removeSegments, sweep } from "./sweep.ts";
import { Tail } from "./tail.ts";
import { type Staged, type Waiting, answerReads, answerUpdates } from "./waiting.ts";

export interface JournalOptions {
  readonly folder: string;
  readonly content: JournalContent;
  /** Default: the machine's. */
  readonly files?: FileSystem;
  /** Default: the machine's. */
  readonly processes?: Processes;
  /** How long the holder of the lock may stand still, in milliseconds, before its segment is taken. Default 3,000. */
  readonly stallLimitMs?: number;
  /** How long a call waits for the lock, in milliseconds. Default 10,000. */
  readonly lockTimeoutMs?: number;
  /** A journal is not rewritten before it has grown by so many bytes. Default 32 MiB. */
  readonly checkpointBytes?: number;
  /** Whether to trust the locks of a network file system. Default false. */
  readonly allowNetworkFileSystem?: boolean;
}

/** A batch beyond this many bytes leaves the rest for the next. */
const BATCH_BYTES = 8 * 1024 * 1024;

/**
 * A journal in a folder, and what it says, in memory. Any number of processes of one machine may share it.
 *
 * Calls are gathered while a batch is under way. A batch takes the lock, takes in what others have appended, makes its
 * updates in memory one after the other, writes their lines in one write, syncs once, and only then answers. Reads see
 * all that was acknowledged, by whomever, and nothing that was not.
 */
export class Journal {
  readonly folder: string;
  readonly archives: Archives;
  readonly #files: FileSystem;
  readonly #names: SegmentNames;
  readonly #holder: Holder;
  readonly #tail: Tail;
  readonly #successors: Successors;
  readonly #lock: Lock;
  readonly #appender: Appender;
  readonly #lines = new AppendLines();
  readonly #checkpoints: Checkpoints;
  readonly #queue: BatchQueue<Waiting>;
  readonly #allowNetworkFileSystem: boolean;

  constructor(options: JournalOptions) {
    const { folder, content, files = nodeFileSystem, processes = machineProcesses } = options;
    const names = new SegmentNames(folder);
    const holder = new Holder(uuidV7(), files, names, processes);
    const tail = new Tail(files, names, content);
    const successors = new Successors(files, names, content.format, holder.id);
    const { stallLimitMs = 3000, lockTimeoutMs: timeoutMs = 10_000 } = options;
    this.folder = folder;
    this.archives = new Archives(files, names, content, holder, tail);
    this.#files = files;
    this.#names = names;
    this.#holder = holder;
    this.#tail = tail;
    this.#successors = successors;
    this.#lock = new Lock({ files, names, holder, tail, successors, stallLimitMs, timeoutMs });
    this.#appender = new Appender(files, names, holder, tail, successors);
    this.#queue = new BatchQueue(
      (batch) => this.#answer(batch),
      () => this.#checkpoints.startWhereDue(),
    );
    this.#checkpoints = new Checkpoints({
      files,
      names,
      tail,
      content,
      holder,
      archives: this.archives,
      leastBytes: options.checkpointBytes ?? 32 * 1024 * 1024,
      underLock: (work) => this.#queue.step(() => this.#locked(work)),
    });
    this.#allowNetworkFileSystem = options.allowNetworkFileSystem ?? false;
  }

  /**
   * Reads what there is, and makes the folder where it is missing. It may be called again after it has failed.
   *
   * @throws JournalError `cannot_open`, `read_only`, `schema_too_new`, `damaged_journal`, `foreign_journal`,
   *   `network_file_system`, ...
   */
  async open(): Promise<void> {
    try {
      await this.#queue.step(async () => {
        await this.#files.makeFolder(this.folder);
        if (!this.#allowNetworkFileSystem) refuseNetworkFileSystem(this.#files, this.folder);
        await this.#lock.load();
        await this.#locked(async () => {
          await this.#files.syncFolder(this.folder);
          sweep(this.#files, this.#names, this.#holder, this.#tail, this.archives);
        });
      });
    } catch (error) {
      this.#letGo();
      throw toJournalError(error, this.folder);
    }
  }

  /** Whether records may be of the newest form, since older releases refuse the segment. To be asked within a call's work. */
  get isFormCurrent(): boolean {
    return this.#tail.isFormCurrent;
  }

  /** Answers from memory, once all is in memory that was acknowledged before. */
  read<T>(work: () => T): Promise<T> {
    return this.#wait(null, work) as Promise<T>;
  }

  /**
   * Changes what is in memory, and resolves once the lines that tell of it are on the disk. The work may be done again,
   * on another state, before it is answered.
   *
   * @throws JournalError `disk_full`, `file_too_large`, `read_only`, `io_error`, `busy`, ...: nothing has changed, where
   *   `outcome` says so.
   */
  update<T>(work: () => Update<T>): Promise<T> {
    return this.#wait(work, work) as Promise<T>;
  }

  /** Ends after what is under way. */
  async close(): Promise<void> {
    await this.#checkpoints.stop();
    await this.#queue.idle();
    this.#letGo();
  }

  /**
   * Removes the journal's files. Nothing may be called any more but `close`.
   *
   * @param clear empties what is in memory, here and, by its record, in other processes
   */
  async destroy(clear: () => Update<void>): Promise<void> {
    await this.#checkpoints.stop();
    await this.update(clear);
    await this.#queue.step(() =>
      this.#locked(async () => {
        // An empty journal goes last, so that whatever a crash leaves can be opened.
        const { number: segment, end: length } = this.#tail;
        const previous = { segment, length };
        await this.#successors.create({ segment: segment + 1, previous, base: HEADER_BYTES });
        removeSegments(this.#files, this.#names, segment);
        this.archives.removeAll();
        await this.#files.syncFolder(this.folder);
        this.#tail.forget();
        this.#files.remove(this.#names.segment(segment + 1));
      }),
    );
    this.#files.remove(this.#names.wanted);
    this.#letGo();
  }

  #letGo(): void {
    this.#lock.close();
    this.#tail.forget();
    try {
      this.#holder.close();
    } catch {
      // It is swept away once this process is gone.
    }
  }

  #wait(update: Waiting["update"], read: () => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => this.#queue.push({ update, read, resolve, reject }));
  }

  async #answer(batch: readonly Waiting[]): Promise<void> {
    try {
      const updates = batch.filter(({ update }) => update !== null);
      const reads = batch.filter(({ update }) => update === null);
      if (updates.length > 0 || !this.#tail.isCurrent()) {
        await this.#locked(async () => {
          answerReads(reads);
          if (updates.length > 0) await this.#commit(updates);
        });
      } else {
        answerReads(reads);
      }
    } catch (error) {
      const failure = toJournalError(error, this.folder);
      for (const { reject } of batch) reject(failure);
    }
  }

  /** Runs something under the lock of the newest segment, all that was acknowledged being in memory. */
  async #locked(work: () => Promise<void>): Promise<void> {
    const segment = await this.#lock.take();
    try {
      await work();
    } finally {
      await this.#lock.giveBack(segment);
    }
  }

  /** Makes updates in memory, then on the disk, and answers them; or puts them back into the queue. */
  async #commit(updates: readonly Waiting[]): Promise<void> {
    const { end: start, number } = this.#tail;
    const lines = this.#lines;
    lines.clear();
    const staged: Staged[] = [];
    let count = 0;
    for (const [index, waiting] of updates.entries()) {
      if (lines.length > BATCH_BYTES) {
        this.#queue.putBack(updates.slice(index));
        break;
      }
      try {
        const { value, records } = (waiting.update as () => Update<unknown>)();
        for (const record of records) lines.add("r", record);
        count += records.length;
        staged.push({ waiting, value, end: start + lines.length });
      } catch (error) {
        // It may have changed half of what it meant to: all that is in memory is read anew, and the others begin again.
        this.#tail.forget();
        this.#queue.putBack(updates.filter((other) => other !== waiting));
        waiting.reject(error as Error);
        return;
      }
    }
    if (lines.length === 0) {
      answerUpdates(staged);
      return;
    }
    const appended = await this.#appender.append(lines.bytes, count, this.#lock.wasKept);
    switch (appended.status) {
      case "counted": {
        const { upTo } = appended;
        answerUpdates(staged.filter((update) => update.end <= upTo));
        // The segment was taken while they were written: they are made again, in the next.
        this.#queue.putBack(staged.filter((update) => update.end > upTo).map(({ waiting }) => waiting));
        break;
      }
      case "unknown":
        for (const { waiting } of staged) waiting.reject(this.#takenOver());
        break;
      case "failed":
        for (const { waiting } of staged) waiting.reject(appended.error);
    }
    // It was taken over from this very process, which knows now.
    if (!this.#tail.isLoaded && this.#files.exists(this.#names.segment(number + 1))) this.#lock.tidy(number);
  }

  #takenOver(): JournalError {
    return new JournalError(
      "taken_over",
      this.folder,
      `This process stood still for so long that others took over the journal in ${this.folder} and have left behind ` +
        "what it was writing. Look whether the call was carried out before it is made again.",
      { retryable: true, outcome: "unknown" },
    );
  }
}
