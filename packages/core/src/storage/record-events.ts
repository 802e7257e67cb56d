import type { EventInsert, EventRecord } from "../model/task-event.ts";
import type { EventsHookParams, EventsHookResult } from "./hooks.ts";
import { eventPlaces, keys, ordinal, partitions } from "./record-documents.ts";
import { scanAll } from "./record-scan.ts";
import type { RecordStore } from "./record-store.ts";

/** Writes, finds and removes events. Each is a record of its own. */
export class EventDocuments {
  readonly #store: RecordStore;

  constructor(store: RecordStore) {
    this.#store = store;
  }

  async add(events: readonly EventInsert[], timestamp: number): Promise<void> {
    for (const insert of events) {
      const sequence = await this.#store.increment("events");
      const event = { ...insert, timestamp, sequence };
      await this.#store.insert(keys.event(sequence), JSON.stringify(event), eventPlaces(event));
    }
  }

  async query(params: EventsHookParams): Promise<EventsHookResult> {
    const { taskId, type, workerId, from, to, cursor, limit } = params;
    const found: EventRecord[] = [];
    const partition = taskId === null ? partitions.events : partitions.eventsOf(taskId);
    for await (const { text } of scanAll(this.#store, partition, cursor)) {
      const event = JSON.parse(text) as EventRecord;
      if ((type ?? event.type) !== event.type || (workerId ?? event.workerId) !== event.workerId) continue;
      if (event.timestamp < (from ?? event.timestamp) || (to !== null && event.timestamp >= to)) continue;
      if (found.push(event) > limit) break;
    }
    const events = found.slice(0, limit);
    const last = events.at(-1);
    return { events, cursor: found.length > limit && last ? ordinal(last.sequence) : null };
  }

  async purge(before: number, limit: number): Promise<number> {
    let purged = 0;
    for await (const record of scanAll(this.#store, partitions.events)) {
      if (purged === limit || (JSON.parse(record.text) as EventRecord).timestamp >= before) break;
      if (await this.#store.remove(record)) purged++;
    }
    return purged;
  }
}
