import { CorruptRecordError, StorageError } from "../errors/storage-error.ts";
import type { ResultRecord } from "../model/task-result.ts";
import type { TaskWrite } from "../model/task-write.ts";
import { MAX_TRIES } from "./limits.ts";
import { type TaskDocument, keys, placesOf, taskIdOf } from "./record-documents.ts";
import type { KeptRecord, RecordStore } from "./record-store.ts";
import { type SequencedTask, newResult, writtenRow } from "./rows.ts";

/** A document with the record that it was read from. */
export interface ReadDocument {
  readonly record: KeptRecord | null;
  readonly document: TaskDocument;
}

const NOTHING: TaskDocument = { task: null, results: [] };

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

/** @throws CorruptRecordError */
export function documentOf({ key, text }: KeptRecord): TaskDocument {
  try {
    return JSON.parse(text) as TaskDocument;
  } catch (thrown) {
    throw new CorruptRecordError(taskIdOf(key), "its document cannot be read", thrown);
  }
}

/** The task in a record that a scan has come upon; null where there is none, or where nobody can read it. */
export function readableDocument(record: KeptRecord): TaskDocument | null {
  try {
    return documentOf(record);
  } catch {
    return null;
  }
}

/** The document after a guarded write. */
export function written(write: TaskWrite, { task, results }: TaskDocument, now: number): TaskDocument {
  const kept = results.filter(({ run }) => write.dropResults !== "all" && run !== write.dropResults);
  return {
    task: writtenRow(write, task as SequencedTask, now),
    results: write.result ? withResult(kept, newResult(write.id, write.result, null, now)) : kept,
  };
}

/** The results with another, over any of the same run. */
export function withResult(results: readonly ResultRecord[], result: ResultRecord): ResultRecord[] {
  return [...results.filter(({ run }) => run !== result.run), result];
}
