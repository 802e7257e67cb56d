import { type Timer, sleep, systemClock } from "@omniq/core";
import { refuseLostJournal } from "./chain.ts";
import type { FileSystem } from "./file-system.ts";
import type { Holder } from "./holder.ts";
import { JournalError } from "./journal-error.ts";
import type { SegmentNames } from "./segment-names.ts";
import type { Successors } from "./successor.ts";
import type { Tail } from "./tail.ts";

export interface LockOptions {
  readonly files: FileSystem;
  readonly names: SegmentNames;
  readonly holder: Holder;
  readonly tail: Tail;
  readonly successors: Successors;
  /** How long the holder may stand still, in milliseconds, before its segment is taken. */
  readonly stallLimitMs: number;
  /** How long to wait for the lock, in milliseconds. */
  readonly timeoutMs: number;
}

/** How long to wait before the next look, in milliseconds: soon at first. */
const PAUSES_MS = [0, 1, 1, 1, 2, 2, 3];
const LONGEST_PAUSE_MS = 5;
/** How long one who has seen that others wait leaves the lock to them. */
const COURTESY_MS = 2;
/** How long a lock that nobody waits for is kept for the next commit, which comes at once where a caller awaits each. */
const KEEP_MS = 2;
/** How many looks there are between two at whether a holder that does not move is still there. */
const LOOKS_A_CHECK = 32;

/** The right to append to the newest segment, whichever that is by the time that it is had. */
export class Lock {
  readonly #options: LockOptions;
  #timer: Timer | null = null;
  #wasUsed = false;
  #wasKept = false;
  /**
   * Whether it was had again within moments of its last use, however long what it is used for now takes. One commit alone is
   * often followed by a look of another process, which it has woken.
   */
  #isInARow = false;
  #usedAt = Number.NEGATIVE_INFINITY;

  constructor(options: LockOptions) {
    this.#options = options;
  }

  /** Whether the lock had not been given back since it was used last, when it was taken: commits follow one another at once. */
  get wasKept(): boolean {
    return this.#wasKept;
  }

  /**
   * Waits for the right to append, all that was acknowledged being in memory then. Answers the segment whose lock it is.
   *
   * @throws JournalError `busy`
   */
  async take(): Promise<number> {
    const { files, names, holder, tail, successors, stallLimitMs, timeoutMs } = this.#options;
    let waitedMs = 0;
    let stillMs = 0;
    let lastSign = "";
    for (let look = 0; ;) {
      if (!tail.isLoaded) await this.load();
      const segment = tail.number;
      this.#wasKept = holder.kept === segment;
      if (holder.take(segment)) {
        // A clock that was set back tells nothing.
        this.#isInARow = Math.abs(systemClock.now() - this.#usedAt) <= KEEP_MS;
        if (await this.#isOursToAppend(segment)) return segment;
        continue;
      }
      if (files.exists(names.segment(segment + 1)) || files.exists(names.taken(segment))) {
        await this.#moveOn(segment);
        continue;
      }
      const lockSign = files.signOf(names.lock(segment));
      // It was given back meanwhile.
      if (lockSign === null) continue;
      const sign = `${segment} ${lockSign} ${tail.file.look().size}`;
      const hasMoved = sign !== lastSign;
      if (hasMoved) stillMs = 0;
      lastSign = sign;
      const isGone = (hasMoved || look % LOOKS_A_CHECK === 0) && holder.stateOf(segment) === "abandoned";
      if (isGone || stillMs >= stallLimitMs) {
        successors.announce(segment);
        continue;
      }
      if (waitedMs >= timeoutMs) throw this.#busy(waitedMs);
      if (waitedMs > 0) this.#want();
      const pause = PAUSES_MS[look++] ?? LONGEST_PAUSE_MS;
      await sleep(systemClock, pause);
      // Counted by what was asked for: a process that was stopped itself must not take that for others' stillness.
      waitedMs += pause;
      stillMs += pause;
    }
  }

  /** Gives the right back soon; at once where others wait, and leaves it to them for a moment. */
  async giveBack(segment: number): Promise<void> {
    const { files, names, holder } = this.#options;
    this.#wasUsed = true;
    this.#usedAt = systemClock.now();
    if (!files.exists(names.wanted)) {
      if (this.#isInARow) {
        holder.keep(segment);
        this.#timer ??= this.#releaseSoon();
      } else {
        this.#release(segment);
      }
      return;
    }
    this.#release(segment);
    // Whoever waits looks again within milliseconds; without a pause it might never find the lock free.
    files.remove(names.wanted);
    await sleep(systemClock, COURTESY_MS);
  }

  /** Gives back what is kept. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#releaseKept();
  }

  #releaseSoon(): Timer {
    this.#wasUsed = false;
    return systemClock.setTimer(() => {
      if (!this.#wasUsed) this.#releaseKept();
      this.#timer = this.#wasUsed ? this.#releaseSoon() : null;
    }, KEEP_MS);
  }

  #releaseKept(): void {
    const { kept } = this.#options.holder;
    if (kept !== null) this.#release(kept);
  }

  /** The zeros after the lines go first: for everybody else a segment ends with its lines. */
  #release(segment: number): void {
    const { tail, holder } = this.#options;
    tail.trim(segment);
    holder.release(segment);
  }

  /** Reads the journal, which is begun where there is none. */
  async load(): Promise<void> {
    const { files, names, tail, successors } = this.#options;
    await files.makeFolder(names.folder);
    while (!(await tail.load())) {
      refuseLostJournal(files, names);
      await successors.begin();
    }
  }

  /** Nobody is left whom the marks of a segment that was taken could tell anything. */
  tidy(segment: number): void {
    const { files, names } = this.#options;
    files.remove(names.lock(segment));
    files.remove(names.taken(segment));
  }

  /**
   * Whether the lock that was just taken is that of the newest segment, and all of it is in memory. One that was kept is
   * not asked for again within moments: nobody takes a segment whose holder has not stood still for long. Where it did
   * even so, what is appended does not count.
   */
  async #isOursToAppend(segment: number): Promise<boolean> {
    const { files, names, holder, tail } = this.#options;
    // While a lock is kept nobody else appends.
    const isCaughtUp = this.#wasKept && tail.isCaughtUp;
    if (isCaughtUp && this.#isInARow) return true;
    const isFree = (): boolean =>
      !files.exists(names.taken(segment)) && !files.exists(names.segment(segment + 1));
    let isNewest = false;
    try {
      isNewest = this.#wasKept ? holder.has(segment) : isFree() && tail.file.look().isNamed;
      if (isNewest && (isCaughtUp || tail.catchUp())) return true;
      holder.release(segment);
      if (isNewest) await new Promise((resolve) => setImmediate(resolve));
      else await this.#moveOn(segment);
      return false;
    } catch (error) {
      tail.forget();
      holder.release(segment);
      // What went wrong was another's doing, who has gone on since.
      if (isNewest && !isFree()) return false;
      throw error;
    }
  }

  /** Goes on from a segment that was taken, or left behind, and sees to it that there is one to go on to. */
  async #moveOn(segment: number): Promise<void> {
    const { files, names, holder, tail, successors } = this.#options;
    if (files.exists(names.taken(segment))) await successors.succeed(segment, tail.file, tail.end);
    if (holder.stateOf(segment) !== "held") this.tidy(segment);
    await tail.follow();
  }

  #want(): void {
    const { files, names } = this.#options;
    try {
      if (!files.exists(names.wanted)) files.create(names.wanted).close();
    } catch {
      // Another one wants it too, or the lock will come without.
    }
  }

  #busy(waitedMs: number): JournalError {
    const { folder } = this.#options.names;
    const message = `The journal in ${folder} was locked by another process all the time (${waitedMs} ms). Call again later.`;
    return new JournalError("busy", folder, message, { retryable: true });
  }
}
