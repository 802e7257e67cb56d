import { type EnqueueHookParams, type InsertAnswer, type TaskInsert, dueAt } from "@omniq/core/storage";
import { addQueue, statements } from "@omniq/storage-sql";
import type { Connection } from "./connection.ts";
import { HotStatement } from "./hot-statement.ts";
import { sqliteQueries as db } from "./query-builder.ts";

/** Stores new tasks. To be used inside a write transaction. */
export class EnqueueStatements {
  readonly #connection: Connection;
  readonly #insert;
  readonly #digest;
  readonly #deduped;
  readonly #debounce;
  readonly #dropResults;
  readonly #event;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#insert = new HotStatement(connection, statements.insertTask(db));
    this.#digest = new HotStatement(connection, statements.selectDigest(db));
    this.#deduped = new HotStatement(connection, statements.selectDeduped(db));
    this.#debounce = new HotStatement(connection, statements.debounce(db));
    this.#dropResults = new HotStatement(connection, statements.deleteResults(db));
    this.#event = new HotStatement(connection, statements.insertEvent(db));
  }

  enqueue({ groups }: EnqueueHookParams, now: number): InsertAnswer[][] {
    const queues = new Set<string>();
    const answers = groups.map((group) => {
      const inserted = this.#insertGroup(group, now);
      for (const [index, { status }] of inserted.entries()) {
        if (status === "created") queues.add((group[index] as TaskInsert).queue);
      }
      return inserted;
    });
    for (const queue of queues) this.#connection.run(addQueue(db, queue));
    return answers;
  }

  /** A group with a duplicate leaves nothing behind, while the rest of the transaction stands. */
  #insertGroup(group: readonly TaskInsert[], now: number): InsertAnswer[] {
    if (group.length === 1) return [this.#insertOne(group[0] as TaskInsert, now)];
    this.#connection.prepare("savepoint enqueue_group").run();
    const answers = group.map((insert) => this.#insertOne(insert, now));
    if (answers.some(({ status }) => status === "duplicate")) {
      this.#connection.prepare("rollback to enqueue_group").run();
    }
    this.#connection.prepare("release enqueue_group").run();
    return answers;
  }

  #insertOne(insert: TaskInsert, now: number): InsertAnswer {
    const { id, dedupe, event } = insert;
    const eta = dueAt(insert.due, now);
    if (dedupe && this.#digestOf(id) === undefined) {
      const twin = this.#deduped.first<{ seq: number; id: string; createdAt: number }>({
        dedupeKey: dedupe.key,
      });
      if (twin && (dedupe.windowMs === null || now < twin.createdAt + dedupe.windowMs)) {
        if (dedupe.debounce) this.#debounce.run({ seq: twin.seq, eta, now });
        return { status: "existing", id: twin.id };
      }
    }
    if (this.#insert.run({ ...insert, eta, dedupeKey: dedupe?.key ?? null, now }) === 0) {
      return { status: this.#digestOf(id) === insert.contentDigest ? "existing" : "duplicate", id };
    }
    if (insert.clearsResults) this.#dropResults.run({ taskId: id });
    if (event) this.#event.run({ ...event, now });
    return { status: "created", id };
  }

  #digestOf(id: string): string | undefined {
    return this.#digest.first<{ contentDigest: string }>({ id })?.contentDigest;
  }
}
