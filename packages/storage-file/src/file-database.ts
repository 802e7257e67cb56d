import { systemClock } from "@omniq/core";
import type {
  EventRecord,
  PurgeHookParams,
  QueueInfo,
  ResultRecord,
  SequencedTask as Row,
} from "@omniq/core/storage";
import type { Update } from "@omniq/journal";
import type { Place } from "./archived-tasks.ts";
import type { ArchivedEntry, Entry, Gone } from "./entries.ts";
import { JournalDatabase } from "./journal-database.ts";
import { rangesOf } from "./ranges.ts";
import { Recorder } from "./recorder.ts";
import { changeEntry, isAsCreated, newEntry, newTaskIn, putEntry } from "./steps.ts";
import { eventJson, lastResultJson } from "./written.ts";

/**
 * The database of a file store. While it records, every change to it is also put down as an entry: the row that came of
 * it, never the call that led to it, so that no decision is made twice.
 */
export class FileDatabase extends JournalDatabase {
  readonly #recorder = new Recorder();
  #isFormCurrent = false;

  /**
   * Does some work and puts down what it changes.
   *
   * @param isFormCurrent whether only releases read it that know the newest entries
   */
  record<T>(isFormCurrent: boolean, work: (endLine: () => void) => T): Update<T> {
    this.#isFormCurrent = isFormCurrent;
    return this.#recorder.record(work);
  }

  /** From here on until the work is done, each task has a line of its own. */
  splitByTask(): void {
    this.#recorder.splitByTask();
  }

  /** Kept above the time in microseconds, so that an older copy of the folder never gives a token again. */
  override nextToken(): string {
    this.lastToken = Math.max(this.lastToken, systemClock.now() * 1000);
    return super.nextToken();
  }

  override put(row: Row): void {
    const old = this.inMemory(row.id);
    const archived = old ? undefined : this.archived.taskOf(row.id);
    this.#recorder.log(
      () => (old ? changeEntry(old, row, this.#isFormCurrent) : putEntry(row, this.#isFormCurrent)),
      true,
    );
    if (archived) this.#markGone([archived], "tasks");
    super.put(row);
  }

  override create(row: Row): void {
    if (!this.#isFormCurrent || !isAsCreated(row)) {
      this.put(row);
      return;
    }
    // What is kept in memory is a part of it: nothing is made text twice.
    const entry = newEntry(row);
    this.#recorder.log(() => entry, true);
    this.join(this.rows.create(row, newTaskIn(entry)), row);
  }

  override remove(id: string): void {
    const isInMemory = this.isInMemory(id);
    const archived = isInMemory ? undefined : this.archived.taskOf(id);
    if (archived) {
      this.#markGone([archived], "tasks");
    } else if (isInMemory) {
      this.#log({ gone: id }, true);
      super.remove(id);
    }
  }

  override purge(params: PurgeHookParams): number {
    const archived = this.archived.finishedBefore(params);
    this.#markGone(archived, "tasks");
    return archived.length + super.purge({ ...params, limit: params.limit - archived.length });
  }

  override putResult(result: ResultRecord): void {
    const task = this.#isFormCurrent ? this.inMemory(result.taskId) : undefined;
    this.#recorder.log(() => `{"result":${lastResultJson(result, task)}}`);
    this.#removeArchivedResults(result.taskId, result.run);
    super.putResult(result);
  }

  override removeResult(taskId: string, run: number): boolean {
    if (!super.removeResult(taskId, run)) return this.#removeArchivedResults(taskId, run);
    this.#log({ resultGone: { taskId, run } });
    return true;
  }

  override removeResults(taskId: string): boolean {
    const wasArchived = this.#removeArchivedResults(taskId, null);
    if (!super.removeResults(taskId)) return wasArchived;
    this.#log({ resultGone: { taskId, run: null } });
    return true;
  }

  override purgeResults(limit: number, now: number): number {
    const archived = this.archived.expiredBy(now, limit);
    this.#markGone(archived, "results");
    return archived.length + super.purgeResults(limit - archived.length, now);
  }

  override addEvent(event: EventRecord): void {
    this.#recorder.log(() => `{"event":${eventJson(event)}}`);
    super.addEvent(event);
  }

  override removeEvents(sequences: ReadonlySet<number>): void {
    if (sequences.size > 0) this.#log({ eventsGone: [...sequences] });
    super.removeEvents(sequences);
  }

  override setQueue(queue: QueueInfo): void {
    this.#log({ queue });
    super.setQueue(queue);
  }

  override clear(): void {
    this.#log({ cleared: true });
    super.clear();
  }

  /** From now on an archive has what it says that it takes over. */
  archive(entry: ArchivedEntry): void {
    this.#log({ archived: entry });
    this.takeArchive(entry);
  }

  #log(entry: Entry, isAboutAnotherTask = false): void {
    this.#recorder.log(() => JSON.stringify(entry), isAboutAnotherTask);
  }

  #removeArchivedResults(taskId: string, run: number | null): boolean {
    const found = this.archived
      .resultsOf(taskId)
      .filter(({ archived }) => run === null || archived.result?.run === run);
    if (found.length === 0) return false;
    this.#markGone(found, "results");
    return true;
  }

  #markGone(places: readonly Place[], what: "tasks" | "results"): void {
    for (const [archive, gone] of Map.groupBy(places, (place) => place.archive)) {
      const marks: Gone = { [what]: rangesOf(gone.map(({ ordinal }) => ordinal)) };
      this.#log({ archivedGone: { file: archive.name, ...marks } });
      this.archived.mark(archive.name, marks);
    }
  }
}
