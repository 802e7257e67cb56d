import type { Archives } from "./archives.ts";
import type { JournalContent } from "./content.ts";
import type { FileSystem, OpenFile } from "./file-system.ts";
import type { Holder } from "./holder.ts";
import { encodeLine } from "./line.ts";
import { PacedWriter } from "./paced-writer.ts";
import { FORMAT_VERSION, HEADER_BYTES, encodeHeader } from "./segment-header.ts";
import { type SegmentNames, meaningOf } from "./segment-names.ts";
import { removeSegments } from "./sweep.ts";
import type { Tail } from "./tail.ts";

export interface CheckpointOptions {
  readonly files: FileSystem;
  readonly names: SegmentNames;
  readonly tail: Tail;
  readonly content: JournalContent;
  readonly holder: Holder;
  readonly archives: Archives;
  /** The least growth that is worth it. */
  readonly leastBytes: number;
  /** Runs the last step, between two batches. */
  readonly underLock: (work: () => Promise<void>) => Promise<void>;
}

/** How much is copied at a time: about a millisecond of work. */
const COPY_BYTES = 1024 * 1024;
/** A journal that has grown by so many times what is worth it is rewritten, however much of it seems to be needed. */
const MOST_GROWTH = 4;
/** A journal of more segments than this is rewritten, however short they are. */
const MOST_SEGMENTS = 16;

/**
 * Rewrites the journal when it is well past what it says: the state as it stands goes into a new segment, which
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
    const { number, end, stateBytes } = tail;
    const failed = this.#failedAt?.number === number ? this.#failedAt.end : 0;
    if (end - failed < (failed > 0 ? leastBytes : 0)) return false;
    // Records of a newer form may stand in a segment only that older releases refuse to read.
    if (!tail.isFormCurrent) return true;
    if (number - tail.first >= MOST_SEGMENTS) return true;
    const most = MOST_GROWTH * Math.max(leastBytes, tail.baseBytes);
    return end - stateBytes >= Math.max(leastBytes, stateBytes) || end - tail.baseBytes >= most;
  }

  async #write(number: number, from: number): Promise<void> {
    const { files, names, content, holder, tail, archives } = this.#options;
    if (this.#isWrittenElsewhere(number + 1)) return;
    const records = content.snapshot();
    const size = content.size?.() ?? 0;
    const path = names.draft(number + 1, holder.id);
    files.remove(path);
    const draft = files.create(path);
    const source = files.open(names.segment(number));
    let isInUse = false;
    let unused: readonly string[] = [];
    try {
      if (!source) return;
      let end = await this.#writeState(draft, records);
      let copied = from;
      const isCurrent = (): boolean => !this.#isStopped && tail.isLoaded && tail.number === number;
      const copy = (to: number): void => {
        const bytes = source.read(copied, to - copied);
        draft.write(bytes, end);
        end += bytes.length;
        copied += bytes.length;
      };
      while (isCurrent() && tail.end - copied > COPY_BYTES) {
        copy(copied + COPY_BYTES);
        await turn();
      }
      await draft.sync();
      if (!isCurrent()) return;
      await this.#options.underLock(async () => {
        if (!isCurrent()) return;
        while (copied < tail.end) copy(Math.min(tail.end, copied + COPY_BYTES));
        const previous = { segment: number, length: tail.end };
        const header = {
          version: FORMAT_VERSION,
          content: content.format,
          segment: number + 1,
          previous,
          base: end,
        };
        draft.write(encodeHeader(header), 0);
        await draft.sync();
        // That nobody has named another since is certain once the next segment is ours.
        unused = archives.unused();
        if (!files.link(path, names.segment(number + 1))) return;
        await files.syncFolder(names.folder);
        tail.moveTo(number + 1, draft, header, end, size);
        isInUse = true;
      });
      if (isInUse) {
        removeSegments(files, names, number);
        archives.remove(unused);
      }
    } finally {
      source?.close();
      if (!isInUse) draft.close();
      files.remove(path);
    }
  }

  /** Writes the records of the state after the place of the header. Answers where they end. */
  async #writeState(draft: OpenFile, records: Iterable<string>): Promise<number> {
    const writer = new PacedWriter(draft, HEADER_BYTES);
    for (const record of records) {
      if (this.#isStopped) break;
      if (writer.add(encodeLine("r", record))) await writer.step();
    }
    return writer.finish();
  }

  /** Whether another process, which is still there, is at it. */
  #isWrittenElsewhere(number: number): boolean {
    const { files, names, holder } = this.#options;
    return files.list(names.folder).some((name) => {
      const meaning = meaningOf(name);
      return (
        meaning?.kind === "draft" &&
        meaning.number === number &&
        holder.isWriting(meaning.holderId, names.draft(number, meaning.holderId))
      );
    });
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
