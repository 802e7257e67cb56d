import { sleep, systemClock } from "@omniq/core";
import type { JournalContent } from "./content.ts";
import type { FileSystem, OpenFile } from "./file-system.ts";
import type { Holder } from "./holder.ts";
import { encodeLine } from "./line.ts";
import { HEADER_BYTES, encodeHeader } from "./segment-header.ts";
import { type SegmentNames, meaningOf } from "./segment-names.ts";
import { removeSegments } from "./sweep.ts";
import type { Tail } from "./tail.ts";

export interface CheckpointOptions {
  readonly files: FileSystem;
  readonly names: SegmentNames;
  readonly tail: Tail;
  readonly content: JournalContent;
  readonly holder: Holder;
  /** The least growth that is worth it. */
  readonly leastBytes: number;
  /** Runs the last step, between two batches. */
  readonly underLock: (work: () => Promise<void>) => Promise<void>;
}

/** How much is written at a time: well under a millisecond of work. */
const STEP_BYTES = 64 * 1024;
/** How long the state's writing rests after each step, so that it takes but a part of the processor. */
const REST_MS = 2;
/** How much is written before it is synced: the syncs of those who append must not wait for a long one. */
const SYNC_BYTES = 4 * 1024 * 1024;
/** A journal of more segments than this is rewritten, however short they are. */
const MOST_SEGMENTS = 16;

/**
 * Rewrites the journal when it has grown well past what it says: the state as it stands goes into a new segment, which
 * then stands for all those before it.
 *
 * The state is written beside the running journal, a little at a time and without the lock; what is appended meanwhile
 * is copied after it, line by line. Only the last of that, a sync and the new name need the lock.
 */
export class Checkpoints {
  readonly #options: CheckpointOptions;
  #running: Promise<void> | null = null;
  #isStopped = false;
  /** Where the newest segment ended when the last attempt failed; the next waits until it has grown again. */
  #failedAt: { readonly number: number; readonly end: number } | null = null;

  constructor(options: CheckpointOptions) {
    this.#options = options;
  }

  /** To be called between two batches, when memory and journal say the same. */
  startWhereDue(): void {
    if (this.#running || this.#isStopped || !this.#isDue()) return;
    const { number, end } = this.#options.tail;
    this.#running = this.#write(number, end)
      .catch(() => {
        // Nothing is lost by it: the journal is as long as it was, and its own errors are told to those who append.
        this.#failedAt = { number, end };
      })
      .finally(() => {
        this.#running = null;
      });
  }

  /** Ends the one that is under way, and begins no other. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  #isDue(): boolean {
    const { tail, leastBytes } = this.#options;
    if (!tail.isLoaded) return false;
    const { number, end, base } = tail;
    const failed = this.#failedAt?.number === number ? this.#failedAt.end : 0;
    if (end - failed < (failed > 0 ? leastBytes : 0)) return false;
    return end - base >= Math.max(leastBytes, base) || number - tail.first >= MOST_SEGMENTS;
  }

  async #write(number: number, from: number): Promise<void> {
    const { files, names, content, holder, tail } = this.#options;
    if (this.#isWrittenElsewhere(number + 1)) return;
    const records = content.snapshot();
    const path = names.draft(number + 1, holder.id);
    files.remove(path);
    const source = files.open(names.segment(number));
    if (!source) return;
    const draft = files.create(path);
    let isInUse = false;
    try {
      let end = await this.#writeState(draft, records);
      let copied = from;
      const isCurrent = (): boolean => !this.#isStopped && tail.isLoaded && tail.number === number;
      const copy = (to: number): void => {
        const bytes = source.read(copied, to - copied);
        draft.write(bytes, end);
        end += bytes.length;
        copied += bytes.length;
      };
      while (isCurrent() && tail.end - copied > STEP_BYTES) {
        copy(copied + STEP_BYTES);
        await turn();
      }
      await draft.sync();
      if (!isCurrent()) return;
      await this.#options.underLock(async () => {
        if (!isCurrent()) return;
        while (copied < tail.end) copy(Math.min(tail.end, copied + STEP_BYTES));
        const header = { segment: number + 1, previous: { segment: number, length: tail.end }, base: end };
        draft.write(encodeHeader(content.format, header), 0);
        await draft.sync();
        if (!files.link(path, names.segment(number + 1))) return;
        await files.syncFolder(names.folder);
        tail.moveTo(number + 1, draft, header, end);
        isInUse = true;
      });
      if (isInUse) removeSegments(files, names, number);
    } finally {
      source.close();
      if (!isInUse) draft.close();
      files.remove(path);
    }
  }

  /** Writes the records of the state after the place of the header. Answers where they end. */
  async #writeState(draft: OpenFile, records: Iterable<string>): Promise<number> {
    let end = HEADER_BYTES;
    let synced = end;
    let lines: string[] = [];
    let length = 0;
    const flush = async (): Promise<void> => {
      const bytes = Buffer.from(lines.join(""));
      draft.write(bytes, end);
      end += bytes.length;
      lines = [];
      length = 0;
      if (end - synced >= SYNC_BYTES) {
        await draft.sync();
        synced = end;
      }
      await sleep(systemClock, REST_MS);
    };
    for (const record of records) {
      if (this.#isStopped) return end;
      lines.push(`${encodeLine("r", record)}\n`);
      length += record.length;
      if (length >= STEP_BYTES) await flush();
    }
    await flush();
    return end;
  }

  /** Whether another process, which is still there, is at it. */
  #isWrittenElsewhere(number: number): boolean {
    const { files, names, holder } = this.#options;
    return files.list(names.folder).some((name) => {
      const meaning = meaningOf(name);
      return (
        meaning?.kind === "draft" &&
        meaning.number === number &&
        meaning.holderId !== holder.id &&
        !holder.isGone(meaning.holderId)
      );
    });
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
