import { sep } from "node:path";

/** The names in a journal's folder. */
export class SegmentNames {
  readonly folder: string;
  readonly #prefix: string;

  constructor(folder: string) {
    this.folder = folder;
    this.#prefix = `${folder}${sep}`;
  }

  segment(number: number): string {
    return `${this.#prefix}journal-${number}.jsonl`;
  }

  /** Held by the process that appends to the segment. */
  lock(number: number): string {
    return `${this.#prefix}journal-${number}.lock`;
  }

  /** There once somebody has resolved to take the segment from its holder. */
  taken(number: number): string {
    return `${this.#prefix}journal-${number}.taken`;
  }

  /** What becomes a segment, while it is written by the holder of that id. */
  draft(number: number, holderId: string): string {
    return `${this.#prefix}journal-${number}.${holderId}.draft`;
  }

  holder(holderId: string): string {
    return `${this.#prefix}${holderId}.holder`;
  }

  archive(name: string): string {
    return `${this.#prefix}${name}`;
  }

  /** What becomes an archive, until a record names it. */
  archiveDraft(name: string): string {
    return `${this.#prefix}${name.replace(/jsonl$/, "draft")}`;
  }

  /** There while somebody waits for the lock. */
  get wanted(): string {
    return `${this.#prefix}journal.wanted`;
  }
}

/** What a name in the folder is; null for what is not the journal's. */
export type NameMeaning =
  | { readonly kind: "segment" | "lock" | "taken"; readonly number: number }
  | { readonly kind: "draft"; readonly number: number; readonly holderId: string }
  | { readonly kind: "holder"; readonly holderId: string }
  /** Both under the name of the archive. */
  | { readonly kind: "archive" | "archive draft"; readonly name: string; readonly holderId: string }
  | { readonly kind: "wanted" };

export function meaningOf(name: string): NameMeaning | null {
  if (name === "journal.wanted") return { kind: "wanted" };
  const holderId = /^([0-9a-f-]{36})\.holder$/.exec(name)?.[1];
  if (holderId !== undefined) return { kind: "holder", holderId };
  const [, archive = "", archivist, form] = /^(archive-([0-9a-f-]{36})-\d+)\.(jsonl|draft)$/.exec(name) ?? [];
  if (archivist !== undefined) {
    const kind = form === "jsonl" ? "archive" : "archive draft";
    return { kind, name: `${archive}.jsonl`, holderId: archivist };
  }
  const [, digits, holder, suffix] =
    /^journal-([1-9]\d{0,14})(?:\.([0-9a-f-]{36}))?\.(jsonl|lock|taken|draft)$/.exec(name) ?? [];
  if (digits === undefined) return null;
  const number = Number(digits);
  if (suffix === "draft") return holder === undefined ? null : { kind: "draft", number, holderId: holder };
  if (holder !== undefined) return null;
  return { kind: suffix === "jsonl" ? "segment" : (suffix as "lock" | "taken"), number };
}

/** The numbers of the segments in the folder, in order. */
export function segmentNumbers(names: readonly string[]): number[] {
  const numbers: number[] = [];
  for (const name of names) {
    const meaning = meaningOf(name);
    if (meaning?.kind === "segment") numbers.push(meaning.number);
  }
  return numbers.sort((a, b) => a - b);
}
