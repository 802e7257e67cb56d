import type { ArchiveDraft, Journal } from "@omniq/journal";
import type { Archive } from "./archive.ts";
import { type Columns, type ColumnsBuilder, MOST_TASKS } from "./archive-columns.ts";
import { writeArchive } from "./archive-writer.ts";
import type { ArchivedEntry } from "./entries.ts";
import type { FileDatabase } from "./file-database.ts";
import { Job } from "./job.ts";
import { Merge } from "./merge.ts";
import { Move } from "./move.ts";

/** So many archives of about one size become one, so that there are never many. */
const FANOUT = 8;
/** With so many times of what there should be, there is some hurry. */
const FAR_BEHIND = 2;

/**
 * Moves finished tasks from memory into archives, and several archives into one.
 *
 * An archive is written beside the running journal, without the lock. Then one record names it, in the same step in which
 * all that it has leaves memory, or the archives before it; what has changed meanwhile is marked as gone in it. Until that
 * record counts nothing refers to the file, and afterwards nothing else has what is in it: so all of it is on the disk
 * before.
 */
export class Archiver {
  readonly #journal: Journal;
  readonly #database: FileDatabase;
  readonly #most: number;
  readonly #archiving: Job;
  readonly #merging: Job;

  /** @param most how many finished tasks may stay in memory */
  constructor(journal: Journal, database: FileDatabase, most: number) {
    this.#journal = journal;
    this.#database = database;
    this.#most = most;
    this.#archiving = new Job(
      () => this.#archiveWhatIsDue(),
      () => database.finishedInMemory > FAR_BEHIND * most,
    );
    this.#merging = new Job(
      () => this.#mergeWhatIsDue(),
      () => database.archived.all.length > FAR_BEHIND * FANOUT,
    );
  }

  /** To be called after each change. */
  startWhereDue(): void {
    if (this.#isDue()) this.#archiving.start();
  }

  /** Resolves once nothing is due any more, or nothing can be done. */
  async settle(): Promise<void> {
    await this.#archiving.again();
    await this.#merging.again();
  }

  /** Ends what is under way, and begins no more. */
  async stop(): Promise<void> {
    await Promise.all([this.#archiving.stop(), this.#merging.stop()]);
  }

  #isDue(): boolean {
    return this.#database.finishedInMemory > this.#most;
  }

  async #archiveWhatIsDue(): Promise<boolean> {
    if (!(await this.#isAllowed())) return false;
    while (this.#isDue()) {
      if (!(await this.#archiveOldest())) return false;
      this.#merging.start();
    }
    return true;
  }

  async #mergeWhatIsDue(): Promise<boolean> {
    if (!(await this.#isAllowed())) return false;
    for (let group = this.#mergeable(); group; group = this.#mergeable())
      if (!(await this.#merge(group))) return false;
    return true;
  }

  /** Not while another process is at it, nor before older releases refuse the journal. */
  async #isAllowed(): Promise<boolean> {
    const journal = this.#journal;
    return !journal.archives.isWrittenElsewhere() && (await journal.read(() => journal.isFormCurrent));
  }

  async #archiveOldest(): Promise<boolean> {
    const most = Math.min(Math.max(this.#most, 1), MOST_TASKS);
    const move = new Move(this.#database, this.#database.oldestFinished(most));
    return this.#write(this.#archiving, move.lines(), move.builder, (file) => move.entryOf(file));
  }

  /** Archives of about one size, if there are enough of them. */
  #mergeable(): readonly Archive[] | undefined {
    const size = ({ left }: Archive): number =>
      Math.max(0, Math.floor(Math.log(left / Math.max(this.#most, 1)) / Math.log(FANOUT)));
    return [...Map.groupBy(this.#database.archived.all, size).values()]
      .map((archives) => archives.slice(0, FANOUT))
      .find(
        (group) => group.length === FANOUT && group.reduce((sum, { left }) => sum + left, 0) <= MOST_TASKS,
      );
  }

  async #merge(group: readonly Archive[]): Promise<boolean> {
    const merge = new Merge(group, (name) => this.#journal.archives.open(name));
    try {
      return await this.#write(this.#merging, merge.lines(), merge.builder, (file) =>
        merge.entryOf(file, (name) => this.#database.archived.get(name)),
      );
    } finally {
      merge.close();
    }
  }

  /** Writes an archive and has a record name it. False where that came to nothing. */
  async #write(
    job: Job,
    lines: Iterable<Buffer>,
    builder: ColumnsBuilder,
    entryOf: (file: string) => ArchivedEntry | null,
  ): Promise<boolean> {
    const draft = this.#journal.archives.create();
    let columns: Columns | null = null;
    try {
      columns = await writeArchive(draft, lines, builder, job);
    } finally {
      draft.file.close();
      if (!columns) draft.end(false);
    }
    return columns !== null && (await this.#name(draft, columns, entryOf));
  }

  async #name(
    draft: ArchiveDraft,
    columns: Columns,
    entryOf: (file: string) => ArchivedEntry | null,
  ): Promise<boolean> {
    const { archived } = this.#database;
    const journal = this.#journal;
    const name = (): boolean => {
      const entry = journal.isFormCurrent ? entryOf(draft.name) : null;
      const file = entry && journal.archives.open(draft.name);
      if (!file) return false;
      archived.adopt(draft.name, { file, columns });
      this.#database.archive(entry);
      return true;
    };
    // Whatever became of the call, the journal knows by then.
    const isNamed = await journal
      .update(() => this.#database.record(journal.isFormCurrent, name))
      .catch(() => journal.read(() => archived.get(draft.name) !== undefined));
    draft.end(isNamed);
    return isNamed;
  }
}
