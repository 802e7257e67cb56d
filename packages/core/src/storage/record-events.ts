import type { EventInsert } from "../model/task-event.ts";
import { eventPlaces, keys } from "./record-documents.ts";
import type { RecordStore } from "./record-store.ts";

/** Writes events, each as a record of its own. */
export async function addEvents(
  store: RecordStore,
  events: readonly EventInsert[],
  now: number,
): Promise<void> {
  for (const insert of events) {
    const sequence = await store.increment("events");
    const event = { ...insert, timestamp: now, sequence };
    await store.insert(keys.event(sequence), JSON.stringify(event), eventPlaces(event));
  }
}
