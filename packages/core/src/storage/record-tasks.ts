import { StorageError } from "../errors/storage-error.ts";
import { dueAt } from "../model/due.ts";
import type { ResultRecord } from "../model/task-result.ts";
import { isFinished } from "../model/task-status.ts";
import type { ResultInsert, TaskInsert, TaskWrite } from "../model/task-write.ts";
import { MAX_TRIES } from "./limits.ts";
import { type SequencedTask, type TaskDocument, keys, placesOf } from "./record-documents.ts";
import type { KeptRecord, RecordStore } from "./record-store.ts";

/** A document with the record that it was read from. */
export interface ReadDocument {
  readonly record: KeptRecord | null;
  readonly document: TaskDocument;
}

const NOTHING: TaskDocument = { task: null, results: [] };

const NO_LEASE = { token: null, workerId: null, leaseUntil: null, progress: null } as const;

/** Reads and writes the documents of tasks. Every write is a compare-and-set. */
export class TaskDocuments {
  readonly #store: RecordStore;

  constructor(store: RecordStore) {
    this.#store = store;
  }

  /** The document under an id; an empty one where there is none. */
  async read(id: string): Promise<ReadDocument> {
    const record = await this.#store.get(keys.task(id));
    return { record, document: record ? documentOf(record) : NOTHING };
  }

  /** Writes the document, if it is still as it was read. One that keeps nothing is removed. */
  async write(id: string, { record }: ReadDocument, next: TaskDocument): Promise<boolean> {
    const isEmpty = next.task === null && next.results.length === 0;
    if (!record) return isEmpty || this.#store.insert(keys.task(id), JSON.stringify(next), placesOf(next));
    if (isEmpty) return this.#store.remove(record);
    return this.#store.replace(record, JSON.stringify(next), placesOf(next));
  }

  /** Reads, decides and writes until nobody has come between; `decide` answers null to leave things as they are. */
  async change<T>(
    id: string,
    decide: (document: TaskDocument) => { readonly next: TaskDocument | null; readonly answer: T },
  ): Promise<T> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const read = await this.read(id);
      const { next, answer } = decide(read.document);
      if (next === null || (await this.write(id, read, next))) return answer;
    }
    throw new StorageError(
      "contention",
      `Record ${id} changed ${MAX_TRIES} times under the call; try again`,
      {
        retryable: true,
      },
    );
  }
}

export function documentOf(record: KeptRecord): TaskDocument {
  return JSON.parse(record.text) as TaskDocument;
}

/** A new task, waiting. */
export function newDocument(
  insert: TaskInsert,
  sequence: number,
  now: number,
  results: readonly ResultRecord[],
): TaskDocument {
  const { due, dedupe, clearsResults, event: _event, ...definition } = insert;
  const task: SequencedTask = {
    ...definition,
    ...NO_LEASE,
    status: "PENDING",
    run: 1,
    attempts: 0,
    failures: 0,
    recoveries: 0,
    error: null,
    holds: null,
    eta: dueAt(due, now),
    dedupeKey: dedupe?.key ?? null,
    createdAt: now,
    updatedAt: now,
    lastAttemptAt: null,
    finishedAt: null,
    settledToken: null,
    settledDigest: null,
    revision: 1,
    sequence,
  };
  return { task, results: clearsResults ? [] : results };
}

/** Whether a guarded write may be made. */
export function guardHolds({ guard }: TaskWrite, task: SequencedTask): boolean {
  if ("revision" in guard) return task.revision === guard.revision;
  return task.token === guard.token && task.scheduleVersion === guard.scheduleVersion;
}

/** The document after a guarded write. */
export function written(write: TaskWrite, { task, results }: TaskDocument, now: number): TaskDocument {
  const kept = results.filter(({ run }) => write.dropResults !== "all" && run !== write.dropResults);
  const next = write.result ? withResult(kept, resultRecord(write.id, write.result, null, now)) : kept;
  if (write.state === null) return { task: null, results: next };
  const { guard, state, definition, due } = write;
  return {
    task: {
      ...(task as SequencedTask),
      ...definition,
      ...state,
      ...(due && { eta: dueAt(due, now) }),
      ...(!write.keepsLease && NO_LEASE),
      ...("token" in guard && { settledToken: guard.token, settledDigest: guard.outcomeDigest }),
      finishedAt: isFinished(state.status) ? now : null,
      updatedAt: now,
      revision: (task as SequencedTask).revision + 1,
    },
    results: next,
  };
}

/** The task after a claim. */
export function leased(
  task: SequencedTask,
  lease: { readonly token: string; readonly workerId: string; readonly leaseMs: number },
  now: number,
): SequencedTask {
  return {
    ...task,
    status: "RUNNING",
    attempts: task.attempts + 1,
    recoveries: task.recoveries + (task.status === "RUNNING" ? 1 : 0),
    lastAttemptAt: now,
    updatedAt: now,
    token: lease.token,
    workerId: lease.workerId,
    leaseUntil: now + lease.leaseMs,
    progress: null,
    revision: task.revision + 1,
  };
}

/** The results with another, over any of the same run. */
export function withResult(results: readonly ResultRecord[], result: ResultRecord): ResultRecord[] {
  return [...results.filter(({ run }) => run !== result.run), result];
}

export function resultRecord(
  taskId: string,
  { ttlMs, ...result }: ResultInsert,
  pendingToken: string | null,
  now: number,
): ResultRecord {
  return { ...result, taskId, finishedAt: now, expiresAt: ttlMs === null ? null : now + ttlMs, pendingToken };
}
