import type { JournalContent } from "./content.ts";
import type { FileSystem, OpenFile } from "./file-system.ts";
import type { Holder } from "./holder.ts";
import { type SegmentNames, meaningOf } from "./segment-names.ts";
import type { Tail } from "./tail.ts";

/*
 * An archive is a file beside the segments that records name: what is in it does not have to be in the journal. It is
 * written once, is on the disk with its name before a record names it, and is never changed.
 *
 * While it is written its name is `archive-<holder>-<n>.draft`; when it is whole it gets its own, `.jsonl`, and keeps
 * both until the record counts. So whoever finds an archive that nothing refers to can tell one that somebody is about to
 * name from one that nobody will name any more: the latter has one name, or its holder is gone.
 *
 * An archive that nothing refers to any more stays until the journal is rewritten, and goes together with the segments
 * that have named it. Whoever copies the folder sees by them that he has to begin again.
 */

/** An archive that is being written. */
export interface ArchiveDraft {
  /** What records call it. */
  readonly name: string;
  /** Empty at first. It stays open. */
  readonly file: OpenFile;
  /** Returns once what was written is on the disk under its name. */
  seal(): Promise<void>;
  /** To be called once the record counts, or never will. */
  end(isReferredTo: boolean): void;
}

export class Archives {
  readonly #files: FileSystem;
  readonly #names: SegmentNames;
  readonly #content: JournalContent;
  readonly #holder: Holder;
  readonly #tail: Tail;
  #count = 0;

  constructor(files: FileSystem, names: SegmentNames, content: JournalContent, holder: Holder, tail: Tail) {
    this.#files = files;
    this.#names = names;
    this.#content = content;
    this.#holder = holder;
    this.#tail = tail;
  }

  create(): ArchiveDraft {
    const files = this.#files;
    const { folder } = this.#names;
    const name = `archive-${this.#holder.id}-${++this.#count}.jsonl`;
    const path = this.#names.archive(name);
    const draft = this.#names.archiveDraft(name);
    const file = files.create(draft);
    return {
      name,
      file,
      async seal() {
        await file.sync();
        files.link(draft, path);
        await files.syncFolder(folder);
      },
      end(isReferredTo) {
        if (!isReferredTo) files.remove(path);
        files.remove(draft);
      },
    };
  }

  pathOf(name: string): string {
    return this.#names.archive(name);
  }

  /** An archive, to read; null where it is missing. */
  open(name: string): OpenFile | null {
    return this.#files.open(this.pathOf(name));
  }

  /** Whether another process, which is still there, is at one. */
  isWrittenElsewhere(): boolean {
    return this.#drafts().some(({ holderId, name }) =>
      this.#holder.isWriting(holderId, this.#names.archiveDraft(name)),
    );
  }

  /**
   * The archives that no record will name again. To be called under the lock; they may be removed where it turns out
   * afterwards that the lock was not lost before.
   */
  unused(): readonly string[] {
    const used = this.#content.archives?.() ?? null;
    if (!used) return [];
    const drafted = new Set(this.#drafts().map(({ name }) => name));
    return this.#found("archive").flatMap(({ name }) => (used.has(name) || drafted.has(name) ? [] : [name]));
  }

  remove(names: readonly string[]): void {
    for (const name of names) this.#files.remove(this.pathOf(name));
  }

  /** Removes what archivers that are gone were about to name. To be called under the lock. */
  sweep(): void {
    const used = this.#content.archives?.() ?? null;
    const abandoned = this.#drafts().filter(
      ({ holderId }) => holderId !== this.#holder.id && this.#holder.isGone(holderId),
    );
    // Had the lock been lost, one who is gone now might have named it since.
    const isOurs =
      !this.#files.exists(this.#names.taken(this.#tail.number)) && this.#tail.file.look().isNamed;
    if (!used || !isOurs) return;
    for (const { name } of abandoned) {
      if (!used.has(name)) this.#files.remove(this.pathOf(name));
      this.#files.remove(this.#names.archiveDraft(name));
    }
  }

  /** Removes all that there are, nothing being in the journal any more. */
  removeAll(): void {
    this.remove(this.#found("archive").map(({ name }) => name));
    for (const { name } of this.#drafts()) this.#files.remove(this.#names.archiveDraft(name));
  }

  #drafts(): readonly { readonly name: string; readonly holderId: string }[] {
    return this.#found("archive draft");
  }

  #found(kind: "archive" | "archive draft"): readonly { readonly name: string; readonly holderId: string }[] {
    return this.#files.list(this.#names.folder).flatMap((name) => {
      const meaning = meaningOf(name);
      return meaning?.kind === kind ? [meaning] : [];
    });
  }
}
