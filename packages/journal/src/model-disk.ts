import { createHash } from "node:crypto";
import { dirname } from "node:path";
import type { FileSystem, OpenFile } from "./file-system.ts";

/** The files that a crash leaves, by their paths. */
export type DiskState = ReadonlyMap<string, Buffer>;

/** A file apart from its names. */
class Inode {
  static #count = 0n;
  readonly identity = Inode.#count++;
  written: Buffer = Buffer.alloc(0);
  synced: Buffer = Buffer.alloc(0);
  /** The last write since the last sync, and what was there before it. */
  last: { readonly offset: number; readonly length: number; readonly before: Buffer } | null = null;
  names = 0;
  changes = 0;
}

interface NameChange {
  readonly path: string;
  /** Null where the name goes. */
  readonly inode: Inode | null;
}

/** How many of the latest changes of names are taken out of their order. */
const REORDERED = 6;

/**
 * The journal's file system in memory, for tests. It keeps what was synced apart from what was not, and tells every state
 * that the loss of power could leave it in: of the changes of names since the folder was synced, any prefix, any one of
 * the latest missing, any one of them alone; of the bytes since a file was synced, none, all, the last write torn, the
 * last write with its first half not on the disk.
 */
export class ModelDisk implements FileSystem {
  /** Called after every step that changes something. */
  onStep: ((what: string) => void) | null = null;
  readonly #names = new Map<string, Inode>();
  readonly #syncedNames = new Map<string, Inode>();
  #nameChanges: NameChange[] = [];
  readonly #folders = new Set<string>();

  constructor(state: DiskState = new Map()) {
    for (const [path, bytes] of state) {
      const inode = new Inode();
      inode.written = Buffer.from(bytes);
      inode.synced = Buffer.from(bytes);
      inode.names = 1;
      this.#names.set(path, inode);
      this.#syncedNames.set(path, inode);
      this.#folders.add(dirname(path));
    }
  }

  list(folder: string): readonly string[] {
    if (!this.#folders.has(folder)) throw failure("ENOENT", folder);
    return [...this.#names.keys()]
      .filter((path) => dirname(path) === folder)
      .map((path) => path.slice(folder.length + 1));
  }

  exists(path: string): boolean {
    return this.#names.has(path);
  }

  signOf(path: string): string | null {
    const inode = this.#names.get(path);
    return inode ? `${inode.changes} ${inode.written.length}` : null;
  }

  identityOf(path: string): bigint | null {
    return this.#names.get(path)?.identity ?? null;
  }

  readText(path: string): string | null {
    return this.#names.get(path)?.written.toString() ?? null;
  }

  create(path: string): OpenFile {
    if (this.#names.has(path)) throw failure("EEXIST", path);
    if (!this.#folders.has(dirname(path))) throw failure("ENOENT", path);
    const inode = new Inode();
    this.#rename(path, inode);
    this.onStep?.(`create ${path}`);
    return this.#fileOf(inode, path);
  }

  open(path: string): OpenFile | null {
    const inode = this.#names.get(path);
    return inode ? this.#fileOf(inode, path) : null;
  }

  link(from: string, to: string): boolean {
    const inode = this.#names.get(from);
    if (!inode) throw failure("ENOENT", from);
    if (this.#names.has(to)) return false;
    this.#rename(to, inode);
    this.onStep?.(`link ${to}`);
    return true;
  }

  remove(path: string): void {
    if (!this.#names.has(path)) return;
    this.#rename(path, null);
    this.onStep?.(`remove ${path}`);
  }

  async makeFolder(path: string): Promise<void> {
    this.#folders.add(path);
  }

  removeFolder(path: string): void {
    if (this.#folders.has(path) && this.list(path).length === 0) this.#folders.delete(path);
  }

  async syncFolder(_path: string): Promise<void> {
    const changes = this.#nameChanges;
    this.#nameChanges = [];
    applyTo(this.#syncedNames, changes);
    this.onStep?.("sync of the folder");
  }

  typeOf(): null {
    return null;
  }

  /** The states that a loss of power may leave now, each once. */
  crashStates(): readonly DiskState[] {
    const states = new Map<string, DiskState>();
    for (const names of this.#nameVariants()) {
      for (const bytesOf of [synced, written, torn, holed]) {
        const state = new Map([...names].map(([path, inode]) => [path, bytesOf(inode)]));
        states.set(digestOf(state), state);
      }
    }
    return [...states.values()];
  }

  #nameVariants(): readonly ReadonlyMap<string, Inode>[] {
    const changes = this.#nameChanges;
    const sets: NameChange[][] = [];
    for (let length = 0; length <= changes.length; length++) sets.push(changes.slice(0, length));
    for (let late = Math.max(0, changes.length - REORDERED); late < changes.length; late++) {
      sets.push(changes.filter((_change, index) => index !== late));
      sets.push(changes.slice(late, late + 1));
    }
    return sets.map((set) => applyTo(new Map(this.#syncedNames), set));
  }

  #rename(path: string, inode: Inode | null): void {
    const old = this.#names.get(path);
    if (old) {
      old.names--;
      old.changes++;
    }
    if (inode) {
      inode.names++;
      inode.changes++;
      this.#names.set(path, inode);
    } else {
      this.#names.delete(path);
    }
    this.#nameChanges.push({ path, inode });
  }

  #fileOf(inode: Inode, path: string): OpenFile {
    const step = (what: string): void => this.onStep?.(`${what} ${path}`);
    return {
      look: () => ({ size: inode.written.length, isNamed: inode.names > 0 }),
      read: (position, length) => Buffer.from(inode.written.subarray(position, position + length)),
      write(bytes, position) {
        const next = Buffer.alloc(Math.max(inode.written.length, position + bytes.length));
        inode.written.copy(next);
        bytes.copy(next, position);
        inode.last = { offset: position, length: bytes.length, before: inode.written };
        inode.written = next;
        inode.changes++;
        step("write");
      },
      truncate(size) {
        inode.written = Buffer.from(inode.written.subarray(0, size));
        inode.last = null;
        inode.changes++;
        step("truncate");
      },
      async sync() {
        // What is written while it waits for the disk is not covered.
        const bytes = Buffer.from(inode.written);
        await new Promise((resolve) => setImmediate(resolve));
        inode.synced = bytes;
        inode.last = null;
        step("sync");
      },
      close() {},
    };
  }
}

function applyTo(names: Map<string, Inode>, changes: readonly NameChange[]): Map<string, Inode> {
  for (const { path, inode } of changes) {
    if (inode) names.set(path, inode);
    else names.delete(path);
  }
  return names;
}

function synced(inode: Inode): Buffer {
  return inode.synced;
}

function written(inode: Inode): Buffer {
  return inode.written;
}

/** Of the last write, the first half is on the disk; after it stands what stood there before. */
function torn({ written: bytes, last }: Inode): Buffer {
  if (!last) return bytes;
  const { offset, length, before } = last;
  const middle = offset + Math.floor(length / 2);
  return Buffer.concat([bytes.subarray(0, middle), before.subarray(middle)]);
}

/** Of the last write, the second half is on the disk; before it stands what stood there, or nothing but zeros. */
function holed({ written: bytes, last }: Inode): Buffer {
  if (!last) return bytes;
  const { offset, length, before } = last;
  const middle = offset + Math.floor(length / 2);
  const state = Buffer.from(bytes).fill(0, offset, middle);
  before.subarray(offset, middle).copy(state, offset);
  return state;
}

function digestOf(state: DiskState): string {
  const hash = createHash("sha256");
  for (const [path, bytes] of [...state].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  return hash.digest("hex");
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
