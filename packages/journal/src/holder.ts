import { systemClock } from "@omniq/core";
import type { FileSystem } from "./file-system.ts";
import type { Processes } from "./processes.ts";
import type { SegmentNames } from "./segment-names.ts";

/** For so long somebody who writes a file may leave it as it is before nobody waits for that any more. */
const IDLE_MS = 60_000;

/**
 * Takes the locks of segments for one journal. A lock is a second name of a small file that says who holds it: to link
 * is atomic, and fails where the name is taken. The name belongs to one segment, so that a holder who wakes late can
 * give back its own lock only, never one that was taken on a later segment.
 */
export class Holder {
  readonly id: string;
  readonly #files: FileSystem;
  readonly #names: SegmentNames;
  readonly #processes: Processes;
  #isReady = false;
  /** What tells the file that says who holds a lock, where it is ours, from others. */
  #identity: bigint | null = null;
  /** A lock that is ours though nobody uses it now: for the next who wants it, or since the disk refused to let it go. */
  #kept: number | null = null;
  /** Files that others write, as they were seen, and since when they are so. */
  readonly #seen = new Map<string, { readonly sign: string | null; readonly since: number }>();

  constructor(id: string, files: FileSystem, names: SegmentNames, processes: Processes) {
    this.id = id;
    this.#files = files;
    this.#names = names;
    this.#processes = processes;
  }

  /** Whether the lock is ours now. */
  take(segment: number): boolean {
    const kept = this.#kept;
    this.#kept = null;
    if (kept === segment) return true;
    if (kept !== null) this.release(kept);
    for (;;) {
      if (!this.#isReady) this.#introduce();
      try {
        return this.#files.link(this.#names.holder(this.id), this.#names.lock(segment));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
        // Somebody has tidied the folder away; where the folder itself is gone, this throws.
        this.#isReady = false;
      }
    }
  }

  /**
   * Whether a lock that was taken is ours still: nobody has resolved to take the segment, or taken it and been through with
   * it, while this process stood still. The mark is looked for first, since the lock is taken away before it. The segment
   * itself is not asked for its name: to look at a file makes the next sync of it take half as long again.
   */
  has(segment: number): boolean {
    if (this.#files.exists(this.#names.taken(segment))) return false;
    return this.#files.identityOf(this.#names.lock(segment)) === this.#identity;
  }

  /** The segment whose lock is ours though nobody uses it now. */
  get kept(): number | null {
    return this.#kept;
  }

  /** Stays ours for now. */
  keep(segment: number): void {
    this.#kept = segment;
  }

  release(segment: number): void {
    this.#kept = null;
    try {
      this.#files.remove(this.#names.lock(segment));
    } catch {
      this.#kept = segment;
    }
  }

  /** What is known of the lock: free, held, or held by a process that is gone. */
  stateOf(segment: number): "free" | "held" | "abandoned" {
    const text = this.#files.readText(this.#names.lock(segment));
    if (text === null) return "free";
    return this.#processes.isGone(text) ? "abandoned" : "held";
  }

  /** Whether the process that wrote the holder file of that id is gone, or the file is. */
  isGone(holderId: string): boolean {
    const text = this.#files.readText(this.#names.holder(holderId));
    return text === null || this.#processes.isGone(text);
  }

  /**
   * Whether another is still writing a file. Of a container that has ended, and of what was there before the machine was
   * started again, it cannot be told that it is gone: then what tells is that the file stays as it is.
   */
  isWriting(holderId: string, path: string): boolean {
    if (holderId === this.id || this.isGone(holderId)) return false;
    const sign = this.#files.signOf(path);
    const seen = this.#seen.get(path);
    const now = systemClock.now();
    if (seen && seen.sign === sign) return now - seen.since < IDLE_MS;
    if (!seen)
      for (const other of this.#seen.keys()) if (!this.#files.exists(other)) this.#seen.delete(other);
    this.#seen.set(path, { sign, since: now });
    return true;
  }

  close(): void {
    if (this.#kept !== null) this.#files.remove(this.#names.lock(this.#kept));
    if (this.#isReady) this.#files.remove(this.#names.holder(this.id));
    this.#isReady = false;
  }

  #introduce(): void {
    const path = this.#names.holder(this.id);
    this.#files.remove(path);
    const file = this.#files.create(path);
    try {
      file.write(Buffer.from(this.#processes.self), 0);
    } finally {
      file.close();
    }
    this.#identity = this.#files.identityOf(path);
    this.#isReady = true;
  }
}
