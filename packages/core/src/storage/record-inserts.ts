import { dueAt } from "../model/due.ts";
import type { TaskInsert } from "../model/task-write.ts";
import type { InsertAnswer } from "./hooks.ts";
import { MAX_TRIES } from "./limits.ts";
import { type DedupeDocument, keys } from "./record-documents.ts";
import type { EventDocuments } from "./record-events.ts";
import type { QueueDocuments } from "./record-queues.ts";
import type { RecordStore } from "./record-store.ts";
import type { TaskDocuments } from "./record-tasks.ts";
import { type SequencedTask, changedRow, newRow } from "./rows.ts";

/** Stores new tasks, and keeps dedupe keys. */
export class TaskInserts {
  readonly #store: RecordStore;
  readonly #tasks: TaskDocuments;
  readonly #queues: QueueDocuments;
  readonly #events: EventDocuments;

  constructor(store: RecordStore, tasks: TaskDocuments, queues: QueueDocuments, events: EventDocuments) {
    this.#store = store;
    this.#tasks = tasks;
    this.#queues = queues;
    this.#events = events;
  }

  /** A group with a duplicate stores nothing. The check comes first: over records alone, a group is not atomic. */
  async insertGroup(group: readonly TaskInsert[], now: number): Promise<InsertAnswer[]> {
    const answers: InsertAnswer[] = [];
    for (const [index, insert] of group.entries()) {
      const stored = (await this.#tasks.read(insert.id)).document.task;
      const first = stored ?? group.slice(0, index).find(({ id }) => id === insert.id);
      const differs = first !== undefined && first.contentDigest !== insert.contentDigest;
      answers.push({ status: differs ? "duplicate" : "existing", id: insert.id });
    }
    if (answers.some(({ status }) => status === "duplicate")) return answers;
    for (const [index, insert] of group.entries()) answers[index] = await this.insert(insert, now);
    return answers;
  }

  async insert(insert: TaskInsert, now: number): Promise<InsertAnswer> {
    const { id, dedupe, event, contentDigest } = insert;
    const stored = (await this.#tasks.read(id)).document.task;
    if (stored) return { status: stored.contentDigest === contentDigest ? "existing" : "duplicate", id };
    await this.#queues.add(insert.queue, insert.priority);
    const sequence = await this.#store.increment("sequence");
    const twin = dedupe ? await this.#claimDedupeKey(insert, sequence, now) : null;
    if (twin !== null) return { status: "existing", id: twin };
    const answer = await this.#tasks.change<InsertAnswer>(id, ({ task, results }) => {
      if (!task) {
        const next = { task: newRow(insert, sequence, now), results: insert.clearsResults ? [] : results };
        return { next, answer: { status: "created", id } };
      }
      // Whoever saw our dedupe key may have stored our task for us.
      const isOurs = task.sequence === sequence;
      const status = isOurs ? "created" : task.contentDigest === contentDigest ? "existing" : "duplicate";
      return { next: null, answer: { status, id } };
    });
    if (dedupe) await this.#dedupeStored(dedupe.key, id);
    if (event && answer.status === "created") await this.#events.add([event], now);
    return answer;
  }

  /** Gives a live task from another store its dedupe key; they come in order, so the last one keeps it. */
  async imported({ id, createdAt, finishedAt, dedupeKey }: SequencedTask): Promise<void> {
    if (dedupeKey === null || finishedAt !== null) return;
    const text = JSON.stringify({ id, createdAt, begun: null } satisfies DedupeDocument);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const record = await this.#store.get(keys.dedupe(dedupeKey));
      const isHeld = record
        ? this.#store.replace(record, text, [])
        : this.#store.insert(keys.dedupe(dedupeKey), text, []);
      if (await isHeld) return;
    }
  }

  /** Takes the dedupe key for a new task; or answers the id of the live task that has it. */
  async #claimDedupeKey(insert: TaskInsert, sequence: number, now: number): Promise<string | null> {
    const { key, windowMs, debounce } = insert.dedupe as NonNullable<TaskInsert["dedupe"]>;
    const begun = { task: newRow(insert, sequence, now), results: [] };
    const ours = JSON.stringify({ id: insert.id, createdAt: now, begun } satisfies DedupeDocument);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (await this.#store.insert(keys.dedupe(key), ours, [])) return null;
      const record = await this.#store.get(keys.dedupe(key));
      if (!record) continue;
      const twin = JSON.parse(record.text) as DedupeDocument;
      const isWithin = windowMs === null || now < twin.createdAt + windowMs;
      const isLive = await this.#tasks.change<boolean>(twin.id, ({ task, results }) => {
        // The other may have died between taking the key and storing its task.
        if (!task)
          return { next: twin.begun && { task: twin.begun.task, results }, answer: twin.begun !== null };
        const holdsKey = task.finishedAt === null && task.dedupeKey === key;
        const moves = holdsKey && isWithin && debounce && task.status === "PENDING";
        const moved = changedRow(task, { eta: dueAt(insert.due, now) }, now);
        return { next: moves ? { task: moved, results } : null, answer: holdsKey };
      });
      if (isLive && isWithin) return twin.id;
      if (await this.#store.replace(record, ours, [])) return null;
    }
    return null;
  }

  /** From now on, a missing task with this key is one that has ended and gone. */
  async #dedupeStored(key: string, id: string): Promise<void> {
    const record = await this.#store.get(keys.dedupe(key));
    const document = record && (JSON.parse(record.text) as DedupeDocument);
    if (record && document?.id === id) {
      await this.#store.replace(
        record,
        JSON.stringify({ ...document, begun: null } satisfies DedupeDocument),
        [],
      );
    }
  }
}
