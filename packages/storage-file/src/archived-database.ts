import type {
  ListResultsHookParams,
  ListResultsHookResult,
  ResultRecord,
  SequencedTask as Row,
  TaskCount,
} from "@omniq/core/storage";
import { MemoryDatabase, type TaskFilter } from "@omniq/storage-memory";
import type { ArchivedTasks, Place } from "./archived-tasks.ts";
import { inOrder } from "./in-order.ts";
import { PackedResults } from "./packed-results.ts";
import { PackedRows } from "./packed-rows.ts";

const ALL: TaskFilter = { queue: null, status: null, name: null };

/** A row in memory, or a place in an archive. */
type Standing = Row | Place;

/** The memory store's database, which finds in archives what is not in memory. */
export class ArchivedDatabase extends MemoryDatabase {
  declare readonly rows: PackedRows;
  declare readonly results: PackedResults;
  readonly archived: ArchivedTasks;

  constructor(archived: ArchivedTasks) {
    super(new PackedRows(), new PackedResults());
    this.archived = archived;
  }

  /** How many finished tasks are in memory, and could be in an archive. */
  get finishedInMemory(): number {
    return this.finished.size;
  }

  /** The slots of some of them, those that finished first, in the order of enqueueing. */
  oldestFinished(count: number): readonly number[] {
    const slots = this.finished.take(count, () => true);
    return slots.sort((a, b) => this.rows.sequenceOf(a) - this.rows.sequenceOf(b));
  }

  isInMemory(id: string): boolean {
    return super.has(id);
  }

  /** The row of a task, if that is in memory. */
  inMemory(id: string): Row | undefined {
    return super.find(id);
  }

  override find(id: string): Row | undefined {
    return super.find(id) ?? this.archived.taskOf(id)?.archived.task;
  }

  override has(id: string): boolean {
    return super.has(id) || this.archived.taskOf(id) !== undefined;
  }

  override listTasks(filter: TaskFilter, after: number, limit: number): Row[] {
    const found: Row[] = [];
    const inMemory: Iterable<Standing> = super.listTasks(filter, after, limit);
    for (const standing of inOrder([inMemory, ...this.archived.tasksAfter(after, filter)])) {
      if (found.length >= limit) break;
      const row = "archive" in standing ? standing.archive.read(standing.ordinal)?.task : standing;
      if (row) found.push(row);
    }
    return found;
  }

  override countTasks(): readonly TaskCount[] {
    const counts = new Map<string, TaskCount>();
    for (const { queue, status, count } of [...super.countTasks(), ...this.archived.counts()]) {
      const key = `${status} ${queue}`;
      counts.set(key, { queue, status, count: (counts.get(key)?.count ?? 0) + count });
    }
    return [...counts.values()];
  }

  override resultsOf(taskId: string): readonly ResultRecord[] {
    const archived = this.archived.resultsOf(taskId);
    if (archived.length === 0) return super.resultsOf(taskId);
    return [...super.resultsOf(taskId), ...archived.flatMap((found) => found.archived.result ?? [])];
  }

  /**
   * First those of the tasks that are there, in the order of enqueueing, then those whose task has gone. Tasks and results
   * that go into an archive between two pages are neither left out nor told twice.
   */
  override listResults({ cursor, limit }: ListResultsHookParams): ListResultsHookResult {
    const [, phase, place = "0"] = /^(task|other) (\d+)$/.exec(cursor ?? "task 0") ?? [];
    return phase === "task"
      ? this.#resultsAfter(Number(place), limit)
      : this.#otherResults(Number(place), limit);
  }

  #resultsAfter(after: number, limit: number): ListResultsHookResult {
    const results: ResultRecord[] = [];
    const inMemory: Iterable<Standing> = super.listTasks(ALL, after, limit);
    let last = after;
    let seen = 0;
    for (const standing of inOrder([inMemory, ...this.archived.leftAfter(after)])) {
      // A task that came back from an archive has the sequence that its result there has.
      if (seen >= limit && standing.sequence > last) return { results, cursor: `task ${last}` };
      results.push(...this.#resultsAt(standing));
      last = standing.sequence;
      seen++;
    }
    return { results, cursor: seen >= limit ? `task ${last}` : "other 0" };
  }

  #resultsAt(standing: Standing): readonly ResultRecord[] {
    if (!("archive" in standing)) return super.resultsOf(standing.id);
    const { archive, ordinal } = standing;
    const archived = archive.read(ordinal);
    if (!archived) return [];
    const its = archive.goneResults.has(ordinal) || !archived.result ? [] : [archived.result];
    return archive.goneTasks.has(ordinal) ? its : [...its, ...super.resultsOf(archived.task.id)];
  }

  #otherResults(first: number, limit: number): ListResultsHookResult {
    const results: ResultRecord[] = [];
    for (const { next, results: its } of this.results.from(first)) {
      if (its.some(({ taskId }) => this.has(taskId))) continue;
      results.push(...its);
      if (results.length >= limit) return { results, cursor: `other ${next}` };
    }
    return { results, cursor: null };
  }
}
