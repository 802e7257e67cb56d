import { mkdirSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { dirname, join, relative } from "node:path";
import { Untested } from "../doors.ts";
import type { DiskStep } from "./disk-step.ts";

/** A file apart from its names: what was written, and what of it is on the disk for certain. */
class Inode {
  written: Buffer = Buffer.alloc(0);
  synced: Buffer = Buffer.alloc(0);
  /** Written since the last sync. */
  pending: { readonly offset: number; readonly bytes: Buffer }[] = [];
  isMapped = false;

  write(offset: number, bytes: Buffer): void {
    this.written = spliced(this.written, offset, bytes);
    this.pending.push({ offset, bytes });
  }

  truncate(size: number): void {
    this.written = resized(this.written, size);
  }

  sync(): void {
    this.synced = Buffer.from(this.written);
    this.pending = [];
  }
}

/** The files of a folder as a crash may leave them, by their path from it. */
export type DiskState = ReadonlyMap<string, Buffer>;

/**
 * The files of one folder, what was synced apart from what was not. A name is on the disk once its folder was synced;
 * bytes are, once their file was. What was not synced may be there after a loss of power, in part or in any order, or
 * not.
 */
export class ModelDisk {
  readonly #folder: string;
  readonly #names = new Map<string, Inode>();
  readonly #syncedNames = new Map<string, Inode>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  apply(step: DiskStep): void {
    switch (step.kind) {
      case "create": {
        const inode = this.#names.get(step.path) ?? new Inode();
        this.#names.set(step.path, inode);
        if (step.empties) inode.truncate(0);
        break;
      }
      case "write":
        this.#inode(step.path).write(step.offset, step.bytes);
        break;
      case "truncate":
        this.#inode(step.path).truncate(step.size);
        break;
      case "map":
        this.#inode(step.path).isMapped = true;
        break;
      case "sync":
        this.#sync(step.path);
        break;
      case "rename":
      case "link": {
        const inode = this.#inode(step.path);
        this.#names.set(step.to, inode);
        if (step.kind === "rename") this.#names.delete(step.path);
        break;
      }
      case "remove":
        this.#names.delete(step.path);
        break;
      default:
    }
  }

  /** The names in the folder, at any depth. */
  get names(): readonly string[] {
    return [...this.#names.keys()].map((path) => relative(this.#folder, path));
  }

  /**
   * What the end of the process, or the loss of power, may leave at this moment. `synced` first: all that is certain.
   */
  crashStates(): readonly { readonly what: string; readonly state: DiskState }[] {
    return [
      { what: "only what was synced", state: this.#state(this.#syncedNames, ({ synced }) => synced) },
      { what: "all that was written", state: this.#state(this.#names, ({ written }) => written) },
      {
        what: "all names, but only the bytes that were synced",
        state: this.#state(this.#names, ({ synced }) => synced),
      },
      { what: "the last write torn in half", state: this.#state(this.#names, withLastWriteTorn) },
      {
        what: "of what was not synced, the last write alone",
        state: this.#state(this.#names, withLastWriteAlone),
      },
    ];
  }

  #sync(path: string): void {
    const inode = this.#names.get(path);
    if (inode) {
      if (inode.isMapped)
        throw new Untested("the store syncs a file that it writes through memory, which cannot be rebuilt");
      inode.sync();
      return;
    }
    for (const name of this.#syncedNames.keys()) if (dirname(name) === path) this.#syncedNames.delete(name);
    for (const [name, file] of this.#names) if (dirname(name) === path) this.#syncedNames.set(name, file);
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path);
    if (!inode) throw new Untested(`the recording shows no creation of ${relative(this.#folder, path)}`);
    return inode;
  }

  /** Files that are written through memory are left out: they are never synced, so nothing of them is certain. */
  #state(names: ReadonlyMap<string, Inode>, bytesOf: (inode: Inode) => Buffer): DiskState {
    const kept = [...names].filter(([, inode]) => !inode.isMapped);
    return new Map(kept.map(([path, inode]) => [relative(this.#folder, path), bytesOf(inode)]));
  }
}

/** Puts a state into a folder. */
export function materialize(state: DiskState, folder: string): void {
  for (const [path, bytes] of state) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

/** The same for two states that are alike. */
export function digestOf(state: DiskState): string {
  const hash = createHash("sha256");
  for (const [path, bytes] of [...state].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex");
}

function withLastWriteTorn({ written, pending }: Inode): Buffer {
  const last = pending.at(-1);
  if (!last || last.bytes.length < 2) return written;
  const torn = Buffer.from(written);
  const half = last.offset + Math.floor(last.bytes.length / 2);
  return last.offset + last.bytes.length >= torn.length
    ? torn.subarray(0, half)
    : torn.fill(0, half, last.offset + last.bytes.length);
}

function withLastWriteAlone({ synced, pending }: Inode): Buffer {
  const last = pending.at(-1);
  return last ? spliced(synced, last.offset, last.bytes) : synced;
}

function spliced(bytes: Buffer, offset: number, written: Buffer): Buffer {
  const result = resized(bytes, Math.max(bytes.length, offset + written.length));
  written.copy(result, offset);
  return result;
}

function resized(bytes: Buffer, size: number): Buffer {
  const result = Buffer.alloc(size);
  bytes.copy(result, 0, 0, Math.min(bytes.length, size));
  return result;
}
