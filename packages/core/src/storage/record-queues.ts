import { type QueueDocument, keys, partitions } from "./record-documents.ts";
import type { RecordStore } from "./record-store.ts";

/** Reads and writes the records of queues. */
export class QueueDocuments {
  readonly #store: RecordStore;

  constructor(store: RecordStore) {
    this.#store = store;
  }

  async get(name: string): Promise<QueueDocument | null> {
    const record = await this.#store.get(keys.queue(name));
    return record && (JSON.parse(record.text) as QueueDocument);
  }

  /** A queue is known from its first task on, and so is each priority in it. */
  async add(name: string, priority: number): Promise<void> {
    if ((await this.get(name))?.priorities.includes(priority)) return;
    await this.change(name, (queue) => ({
      ...queue,
      priorities: [...new Set([...queue.priorities, priority])].toSorted((a, b) => b - a),
    }));
  }

  async change(name: string, change: (queue: QueueDocument) => QueueDocument): Promise<void> {
    for (;;) {
      const record = await this.#store.get(keys.queue(name));
      const queue = record
        ? (JSON.parse(record.text) as QueueDocument)
        : { name, paused: false, priorities: [] };
      const text = JSON.stringify(change(queue));
      const places = [{ partition: partitions.queues, order: Buffer.from(name).toString("hex") }];
      const isDone = record
        ? await this.#store.replace(record, text, places)
        : await this.#store.insert(keys.queue(name), text, places);
      if (isDone) return;
    }
  }
}
