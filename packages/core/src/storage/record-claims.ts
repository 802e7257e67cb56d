import type { EventInsert } from "../model/task-event.ts";
import type { StoredTask } from "../model/task-record.ts";
import type { DequeueHookParams, DequeueHookResult } from "./hooks.ts";
import { MAX_TRIES } from "./limits.ts";
import { dueBy, ordinal, partitions, placesOf } from "./record-documents.ts";
import type { EventDocuments } from "./record-events.ts";
import type { QueueDocuments } from "./record-queues.ts";
import { scanAll } from "./record-scan.ts";
import type { RecordStore, ScanRange } from "./record-store.ts";
import { readableDocument } from "./record-tasks.ts";
import { type SequencedTask, claimEvent, leasedRow } from "./rows.ts";

/** Finds what is due and what has lapsed, and claims it. */
export class TaskClaims {
  readonly #store: RecordStore;
  readonly #queues: QueueDocuments;
  readonly #events: EventDocuments;

  constructor(store: RecordStore, queues: QueueDocuments, events: EventDocuments) {
    this.#store = store;
    this.#queues = queues;
    this.#events = events;
  }

  async dequeue(params: DequeueHookParams, now: number): Promise<DequeueHookResult> {
    const claimed: StoredTask[] = [];
    const recovered: StoredTask[] = [];
    const { events } = params;
    for (const { name, limit } of params.queues) {
      const queue = await this.#queues.get(name);
      if (!queue || queue.paused) continue;
      let room = Math.min(limit, params.limit - claimed.length - recovered.length);
      const lapsed = await this.#claim(partitions.leased(name), room, params, now, events.recovered);
      recovered.push(...lapsed);
      room -= lapsed.length;
      for (const priority of queue.priorities) {
        if (room <= 0) break;
        const due = await this.#claim(partitions.due(name, priority), room, params, now, events.claimed);
        claimed.push(...due);
        room -= due.length;
      }
    }
    return { now, claimed, recovered };
  }

  /** When the next of these tasks is due, or its lease lapses; null where there is none. */
  async nextDue(queues: readonly string[]): Promise<number | null> {
    const instants: number[] = [];
    for (const name of queues) {
      const queue = await this.#queues.get(name);
      if (!queue || queue.paused) continue;
      const places = [
        partitions.leased(name),
        ...queue.priorities.map((priority) => partitions.due(name, priority)),
      ];
      for (const place of places) {
        for await (const record of scanAll(this.#store, place, null, 1)) {
          const task = readableDocument(record)?.task;
          if (!task) continue;
          instants.push(task.leaseUntil ?? task.eta);
          break;
        }
      }
    }
    return instants.length === 0 ? null : Math.min(...instants);
  }

  /** Claims what is due in one partition, one compare-and-set each; where others were faster, looks again. */
  async #claim(
    partition: string,
    room: number,
    lease: DequeueHookParams,
    now: number,
    eventType: EventInsert["type"] | null,
  ): Promise<SequencedTask[]> {
    const claimed: SequencedTask[] = [];
    // What nobody can read stays where it is: the next look begins behind it.
    let after: string | null = null;
    for (let tries = 0; tries < MAX_TRIES && claimed.length < room; tries++) {
      const range: ScanRange = { after, upTo: dueBy(now), limit: room - claimed.length };
      const candidates = await this.#store.scan(partition, range);
      if (candidates.length === 0) break;
      const token = ordinal(await this.#store.increment("token"));
      for (const record of candidates) {
        const document = readableDocument(record);
        if (!document?.task) {
          after = record.order;
          continue;
        }
        const { task, results } = document;
        const taken = leasedRow(task, { ...lease, token }, now);
        const next = { task: taken, results };
        if (!(await this.#store.replace(record, JSON.stringify(next), placesOf(next)))) continue;
        claimed.push(taken);
        const holder = task.status === "RUNNING" ? task : taken;
        if (eventType) await this.#events.add([claimEvent(holder, eventType)], now);
      }
    }
    return claimed;
  }
}
