import type { EventInsert } from "../model/task-event.ts";
import type { StoredTask } from "../model/task-record.ts";
import type { ResultRecord } from "../model/task-result.ts";
import type { TaskWrite } from "../model/task-write.ts";
import { BaseStorage } from "./base-storage.ts";
import type * as h from "./hooks.ts";
import { MAX_PAGE } from "./limits.ts";
import type { ImportedTask, QueueInfo, TaskCount } from "./params.ts";
import { TaskClaims } from "./record-claims.ts";
import { type QueueDocument, ordinal, partitions } from "./record-documents.ts";
import { EventDocuments } from "./record-events.ts";
import { TaskInserts } from "./record-inserts.ts";
import { QueueDocuments } from "./record-queues.ts";
import { scanAll } from "./record-scan.ts";
import type { KeptRecord, RecordStore } from "./record-store.ts";
import { TaskDocuments, documentOf, readableDocument, withResult, written } from "./record-tasks.ts";
import {
  type SequencedTask,
  guardHolds,
  importedRow,
  isExpired,
  newResult,
  recordOf,
  renewedRow,
} from "./rows.ts";
import type { AdapterInfo, BaseStorageOptions } from "./storage-session.ts";

/**
 * The whole contract over seven record operations, by optimistic concurrency: each task is one record, and every
 * change to it a compare-and-set. A new backend starts here, passes the kit, and then overrides the hooks that must
 * be fast.
 *
 * What it cannot promise over any store, it does not declare: groups are checked but not atomic, and events are
 * written after what they tell of.
 */
export abstract class RecordStorage extends BaseStorage {
  protected readonly records: RecordStore;
  readonly #tasks: TaskDocuments;
  readonly #queues: QueueDocuments;
  readonly #events: EventDocuments;
  readonly #inserts: TaskInserts;
  readonly #claims: TaskClaims;

  constructor(adapter: AdapterInfo, records: RecordStore, options: BaseStorageOptions = {}) {
    super({ ...adapter, capabilities: { strictOrder: true, ...adapter.capabilities } }, options);
    this.records = records;
    this.#tasks = new TaskDocuments(records);
    this.#queues = new QueueDocuments(records);
    this.#events = new EventDocuments(records);
    this.#inserts = new TaskInserts(records, this.#tasks, this.#queues, this.#events);
    this.#claims = new TaskClaims(records, this.#queues, this.#events);
  }

  protected async doOpen(): Promise<void> {}

  protected async doClose(): Promise<void> {}

  protected async doDestroy(): Promise<void> {
    await this.records.clear();
  }

  protected async doDescribe(): Promise<h.DescribeHookResult> {
    return { durability: {}, versions: {} };
  }

  protected async doEnqueue({ groups }: h.EnqueueHookParams): Promise<h.EnqueueHookResult> {
    const now = this.clock.now();
    const answers: h.InsertAnswer[][] = [];
    for (const group of groups) answers.push(await this.#inserts.insertGroup(group, now));
    return { now, groups: answers };
  }

  protected doDequeue(params: h.DequeueHookParams): Promise<h.DequeueHookResult> {
    return this.#claims.dequeue(params, this.clock.now());
  }

  protected async doWrite(writes: readonly TaskWrite[]): Promise<h.WriteHookResult> {
    const now = this.clock.now();
    const answers: h.WriteAnswer[] = [];
    for (const write of writes) answers.push(await this.#write(write, now));
    return { now, answers };
  }

  protected async doRenew(renewals: readonly h.RenewHookItem[]): Promise<h.RenewHookResult> {
    const now = this.clock.now();
    const answers: h.RenewHookAnswer[] = [];
    for (const { id, token, leaseMs, progress } of renewals) {
      const answer = this.#tasks.change<h.RenewHookAnswer>(id, ({ task, results }) => {
        if (task?.token !== token) return { next: null, answer: { current: task } };
        const renewed = renewedRow(task, { leaseMs, progress }, now);
        return { next: { task: renewed, results }, answer: { until: renewed.leaseUntil as number } };
      });
      answers.push(await answer);
    }
    return { now, answers };
  }

  protected async doGetTask(taskId: string): Promise<StoredTask | null> {
    return (await this.#tasks.read(taskId)).document.task;
  }

  protected async doListTasks({
    queue,
    status,
    name,
    cursor,
    limit,
  }: h.ListHookParams): Promise<h.ListHookResult> {
    const found: SequencedTask[] = [];
    for await (const task of this.#allTasks(cursor)) {
      if ((queue ?? task.queue) !== task.queue || (status ?? task.status) !== task.status) continue;
      if ((name ?? task.name) === task.name && found.push(task) > limit) break;
    }
    const tasks = found.slice(0, limit);
    const last = tasks.at(-1);
    return {
      tasks: tasks.map(recordOf),
      cursor: found.length > limit && last ? ordinal(last.sequence) : null,
    };
  }

  protected async doCountTasks(): Promise<readonly TaskCount[]> {
    const counts = new Map<string, TaskCount>();
    for await (const { queue, status } of this.#allTasks(null)) {
      const key = `${status} ${queue}`;
      counts.set(key, { queue, status, count: (counts.get(key)?.count ?? 0) + 1 });
    }
    return [...counts.values()];
  }

  protected async doListQueues(): Promise<readonly QueueInfo[]> {
    const queues: QueueInfo[] = [];
    for await (const { text } of scanAll(this.records, partitions.queues)) {
      const { name, paused } = JSON.parse(text) as QueueDocument;
      queues.push({ name, paused });
    }
    return queues;
  }

  protected async doSetQueuePaused(name: string, paused: boolean): Promise<void> {
    await this.#queues.change(name, (queue) => ({ ...queue, paused }));
  }

  protected async doPurge({ before, limit, status }: h.PurgeHookParams): Promise<number> {
    let purged = 0;
    for await (const record of scanAll(this.records, partitions.finished)) {
      const task = readableDocument(record)?.task;
      if (!task) continue;
      if (purged === limit || (task.finishedAt as number) >= before) break;
      if ((status ?? task.status) !== task.status) continue;
      const removed = this.#tasks.change(task.id, (document) => {
        const same = document.task?.revision === task.revision;
        return { next: same ? { ...document, task: null } : null, answer: same };
      });
      if (await removed) purged++;
    }
    return purged;
  }

  protected async doNextDue(
    queues: readonly string[],
  ): Promise<{ readonly now: number; readonly at: number | null }> {
    const at = await this.#claims.nextDue(queues);
    return { now: this.clock.now(), at };
  }

  protected async doImportTasks(
    tasks: readonly ImportedTask[],
  ): Promise<readonly ("created" | "existing")[]> {
    const answers: ("created" | "existing")[] = [];
    for (const task of tasks) {
      await this.#queues.add(task.queue, task.priority);
      const sequence = await this.records.increment("sequence");
      const imported = importedRow(task, sequence);
      const answer = this.#tasks.change<"created" | "existing">(task.id, (document) =>
        document.task
          ? { next: null, answer: "existing" }
          : { next: { ...document, task: imported }, answer: "created" },
      );
      answers.push(await answer);
      await this.#inserts.imported(imported);
    }
    return answers;
  }

  protected async doGetResult({ taskId, run }: h.ResultKey): Promise<ResultRecord | null> {
    const { results } = (await this.#tasks.read(taskId)).document;
    const now = this.clock.now();
    const readable = results.filter((result) => !isExpired(result, now));
    const wanted = run ?? readable.reduce((latest, result) => Math.max(latest, result.run), 0);
    return readable.find((result) => result.run === wanted) ?? null;
  }

  protected async doPutResult({ taskId, result, pendingToken }: h.ResultHookParams): Promise<void> {
    const record = newResult(taskId, result, pendingToken, this.clock.now());
    await this.#tasks.change(taskId, (document) => ({
      next: { ...document, results: withResult(document.results, record) },
      answer: null,
    }));
  }

  protected async doDeleteResult({ taskId, run }: h.ResultKey): Promise<boolean> {
    return this.#tasks.change(taskId, ({ task, results }) => {
      const kept = run === null ? [] : results.filter((result) => result.run !== run);
      const isChanged = kept.length < results.length;
      return { next: isChanged ? { task, results: kept } : null, answer: isChanged };
    });
  }

  protected async doPurgeResults(limit: number): Promise<number> {
    const now = this.clock.now();
    let purged = 0;
    while (purged < limit) {
      const range = { after: null, upTo: ordinal(now), limit: Math.min(limit - purged, MAX_PAGE) };
      const page = await this.records.scan(partitions.expiring, range);
      if (page.length === 0) break;
      for (const record of page) purged += await this.#purgeResultsOf(record, now, limit - purged);
    }
    return purged;
  }

  protected override async doListResults({
    cursor,
    limit,
  }: h.ListResultsHookParams): Promise<h.ListResultsHookResult> {
    const page = await this.records.scan(partitions.results, { after: cursor, upTo: null, limit });
    const results = page.flatMap((record) => readableDocument(record)?.results ?? []);
    return { results, cursor: page.length < limit ? null : (page.at(-1)?.order ?? null) };
  }

  protected override async doImportResults(results: readonly ResultRecord[]): Promise<void> {
    for (const result of results) {
      await this.#tasks.change(result.taskId, (document) => {
        const isThere = document.results.some(({ run }) => run === result.run);
        return {
          next: isThere ? null : { ...document, results: withResult(document.results, result) },
          answer: null,
        };
      });
    }
  }

  protected override async doImportEvents(events: readonly h.EventImport[]): Promise<void> {
    for (const event of events) await this.#events.add([event], event.timestamp);
  }

  protected async doAppendEvents(events: readonly EventInsert[]): Promise<void> {
    await this.#events.add(events, this.clock.now());
  }

  protected doQueryEvents(params: h.EventsHookParams): Promise<h.EventsHookResult> {
    return this.#events.query(params);
  }

  protected doPurgeEvents(before: number, limit: number): Promise<number> {
    return this.#events.purge(before, limit);
  }

  async #write(write: TaskWrite, now: number): Promise<h.WriteAnswer> {
    if (write.definition) await this.#queues.add(write.definition.queue, write.definition.priority);
    const answer = await this.#tasks.change<h.WriteAnswer>(write.id, (document) => {
      const { task } = document;
      if (!task || !guardHolds(write, task)) return { next: null, answer: { written: false, current: task } };
      return { next: written(write, document, now), answer: { written: true } };
    });
    if (!answer.written) return answer;
    await this.#events.add(write.events, now);
    for (const child of write.enqueue) await this.#inserts.insert(child, now);
    return answer;
  }

  async #purgeResultsOf(record: KeptRecord, now: number, limit: number): Promise<number> {
    const { task, results } = documentOf(record);
    const expired = results.filter((result) => isExpired(result, now)).slice(0, limit);
    const next = { task, results: results.filter((result) => !expired.includes(result)) };
    const id = task?.id ?? results[0]?.taskId ?? "";
    return (await this.#tasks.write(id, { record, document: { task, results } }, next)) ? expired.length : 0;
  }

  async *#allTasks(after: string | null): AsyncGenerator<SequencedTask> {
    for await (const record of scanAll(this.records, partitions.tasks, after)) {
      const task = readableDocument(record)?.task;
      if (task) yield task;
    }
  }
}
