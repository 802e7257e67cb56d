import { createHash, type Hash } from "node:crypto";
import { StorageError } from "../errors/storage-error.ts";
import { ValidationError } from "../errors/validation-error.ts";
import type { EventImport, TaskEvent } from "../model/task-event.ts";
import type { ResultRecord } from "../model/task-result.ts";
import type { TaskRecord } from "../model/task-record.ts";
import type { BaseStorage } from "../storage/base-storage.ts";
import { checkOptions } from "../storage/checks.ts";
import { isStorage } from "../storage/is-storage.ts";
import { hooksOf } from "../storage/joined-hooks.ts";
import { isExpired } from "../storage/rows.ts";
import { type Page, continueCopy, pagesOf } from "./in-order.ts";

/** How far a copy is. */
export interface CopyProgress {
  /** `verify` reads all of it again, in both stores. */
  readonly stage: "tasks" | "results" | "events" | "verify";
  /** How many are done of this stage, those of an earlier attempt included. */
  readonly done: number;
}

/** How a copy is watched, and ended. */
export interface CopyOptions {
  /** Is told after each page. */
  readonly onProgress?: (progress: CopyProgress) => void;
  /** Ends the copy after the page under way; the same call goes on from there. */
  readonly signal?: AbortSignal;
}

/** What a copy came to. Both stores were read again at the end, and agreed. */
export interface CopyReport {
  readonly tasks: number;
  readonly results: number;
  readonly events: number;
  /** SHA-256 of all tasks and events in their order, in hexadecimal: equal for every store that holds the same. */
  readonly digest: string;
}

const COPY_OPTIONS = ["onProgress", "signal"];
const PAGE = 200;

/**
 * Copies tasks, results, events and the marks of paused queues into a store that is empty, or that an earlier copy of the
 * same store was begun into. Ids, counters, instants and the order of enqueueing stay as they are.
 *
 * Workers of both stores must be stopped. A task that is still held stops the copy before anything is written; one whose
 * lease has lapsed is copied as waiting.
 *
 * @throws ValidationError; StorageError `tasks_running`, `target_not_empty`, `copy_unsupported`, ...
 */
export async function copyStore(
  source: BaseStorage,
  target: BaseStorage,
  options: CopyOptions = {},
): Promise<CopyReport> {
  checkOptions(options, COPY_OPTIONS, "copyTo");
  if (!isStorage(target)) {
    throw new ValidationError("invalid_target", "Only a store, or a queue with one, can be copied into.", {
      field: "target",
    });
  }
  if (source === target) throw new StorageError("same_store", "A store cannot be copied into itself.");
  await refuseRunning(source);
  const copy = new Copy(source, target, options);
  await copy.queues();
  await copy.tasks("tasks", (tasks) => target.importTasks(tasks));
  await copy.results("results", (results) => target.importResults(results));
  await copy.events("events", (events) => target.importEvents(events));
  return copy.verify();
}

class Copy {
  readonly #source: BaseStorage;
  readonly #target: BaseStorage;
  readonly #options: CopyOptions;
  #stage: CopyProgress["stage"] = "tasks";
  #done = 0;

  constructor(source: BaseStorage, target: BaseStorage, options: CopyOptions) {
    this.#source = source;
    this.#target = target;
    this.#options = options;
  }

  async queues(): Promise<void> {
    for (const { name, paused } of await this.#source.listQueues()) {
      if (paused) await this.#target.pauseQueue(name);
    }
  }

  tasks(
    stage: CopyProgress["stage"],
    append: (tasks: readonly TaskRecord[]) => Promise<unknown>,
    digest?: Hash,
  ): Promise<number> {
    return this.#inOrder(stage, tasksOf, "task", append, digest);
  }

  events(
    stage: CopyProgress["stage"],
    append: (events: readonly EventImport[]) => Promise<unknown>,
    digest?: Hash,
  ): Promise<number> {
    return this.#inOrder(stage, eventsOf, "event", append, digest);
  }

  /** Results are in another order in each store, so each is looked for by its key. */
  async results(
    stage: CopyProgress["stage"],
    append: (results: readonly ResultRecord[]) => Promise<unknown>,
  ): Promise<number> {
    this.#begin(stage);
    let count = 0;
    const { now } = await this.#source.nextDue({ queues: [] });
    for await (const page of pagesOf((cursor) => resultsOf(this.#source, cursor))) {
      const live = page.filter((result) => !isExpired(result, now));
      await append(live);
      count += live.length;
      this.#report(live.length);
    }
    return count;
  }

  /** Reads all of it again, in both stores. */
  async verify(): Promise<CopyReport> {
    const digest = createHash("sha256");
    const missing = (what: string) => async (): Promise<never> => {
      throw new StorageError(
        "copy_differs",
        `The copy lacks ${what} that the store has: it changed meanwhile. Copy again.`,
      );
    };
    const tasks = await this.tasks("verify", missing("tasks"), digest);
    const events = await this.events("verify", missing("events"), digest);
    const results = await this.results("verify", (page) => this.#expectResults(page));
    return { tasks, results, events, digest: digest.digest("hex") };
  }

  /** As they are stored, not as they are read: to the byte. */
  async #expectResults(results: readonly ResultRecord[]): Promise<void> {
    const target = hooksOf(this.#target);
    const found = await Promise.all(results.map(({ taskId, run }) => target.doGetResult({ taskId, run })));
    const { now } = await this.#target.nextDue({ queues: [] });
    for (const [index, result] of results.entries()) {
      const copied = found[index];
      const isSame = copied ? textOf(copied) === textOf(result) : isExpired(result, now);
      if (!isSame) throw differs("result", `${result.taskId}, run ${result.run}`);
    }
  }

  async #inOrder<Item extends object>(
    stage: CopyProgress["stage"],
    read: (store: BaseStorage, cursor: string | null) => Promise<Page<Item>>,
    kind: string,
    append: (items: readonly Item[]) => Promise<unknown>,
    digest?: Hash,
  ): Promise<number> {
    this.#begin(stage);
    let count = 0;
    const compare = (item: Item | null, copied: Item): void => {
      if (!item || textOf(item) !== textOf(copied)) throw differs(kind, nameOf(copied));
    };
    await continueCopy(
      pagesOf((cursor) => read(this.#source, cursor)),
      pagesOf((cursor) => read(this.#target, cursor)),
      compare,
      async (items) => void (await append(items)),
      (items) => {
        for (const item of items) digest?.update(textOf(item));
        count += items.length;
        this.#report(items.length);
      },
    );
    return count;
  }

  #begin(stage: CopyProgress["stage"]): void {
    if (stage !== this.#stage) this.#done = 0;
    this.#stage = stage;
  }

  #report(count: number): void {
    this.#done += count;
    this.#options.onProgress?.({ stage: this.#stage, done: this.#done });
    this.#options.signal?.throwIfAborted();
  }
}

async function refuseRunning(source: BaseStorage): Promise<void> {
  const { now } = await source.nextDue({ queues: [] });
  const read = async (cursor: string | null): Promise<Page<TaskRecord>> => {
    const page = await source.listTasks({ status: "RUNNING", cursor, limit: PAGE });
    return { items: page.tasks, cursor: page.cursor };
  };
  for await (const page of pagesOf(read)) {
    const held = page.find(({ leaseUntil }) => leaseUntil !== null && leaseUntil > now);
    if (!held) continue;
    throw new StorageError(
      "tasks_running",
      `Task ${held.id} is held by ${held.workerId} until ${new Date(held.leaseUntil as number).toISOString()}. Nothing was ` +
        "copied. Stop the workers, and copy once they have ended what they hold, or their leases have lapsed.",
      { retryable: true },
    );
  }
}

async function tasksOf(store: BaseStorage, cursor: string | null): Promise<Page<TaskRecord>> {
  const page = await store.listTasks({ cursor, limit: PAGE });
  return { items: page.tasks.map(withoutLease), cursor: page.cursor };
}

async function resultsOf(store: BaseStorage, cursor: string | null): Promise<Page<ResultRecord>> {
  const page = await store.listResults({ cursor, limit: PAGE });
  return { items: page.results, cursor: page.cursor };
}

async function eventsOf(store: BaseStorage, cursor: string | null): Promise<Page<EventImport>> {
  const page = await store.queryEvents({ cursor, limit: PAGE });
  return { items: page.events.map(importOf), cursor: page.cursor };
}

/** Leases end with the store that gave them. */
function withoutLease(task: TaskRecord): TaskRecord {
  if (task.status !== "RUNNING") return task;
  return { ...task, status: "PENDING", workerId: null, leaseUntil: null };
}

function importOf({ taskId, type, timestamp, run, attempt, workerId, data }: TaskEvent): EventImport {
  const text = data === null ? null : JSON.stringify(data);
  return { taskId, type, timestamp: timestamp.getTime(), run, attempt, workerId, data: text };
}

/** The same text for the same record, in whatever order a store gives its fields. */
function textOf(record: object): string {
  return JSON.stringify(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function nameOf(record: object): string {
  const { id, taskId } = record as { readonly id?: string; readonly taskId?: string };
  return id ?? taskId ?? "";
}

function differs(kind: string, name: string): StorageError {
  return new StorageError(
    "target_not_empty",
    `The store that is copied into has another ${kind} than the one that is copied, of ${name}. Nothing of it was changed. ` +
      "Copy into an empty store, or into one that a copy of this same store was begun into and that nobody has used.",
  );
}
