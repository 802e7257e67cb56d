import {
  type RenewHookAnswer,
  type RenewHookItem,
  type StoredTask,
  type TaskWrite,
  type WriteAnswer,
  dueAt,
  isFinished,
  newResult,
} from "@omniq/core/storage";
import { type TaskRow, statements, storedTask, tokenNumber, sqliteQueries as db } from "@omniq/storage-sql";
import type { Connection } from "./connection.ts";
import { enqueue } from "./enqueue-program.ts";
import { HotStatement } from "./hot-statement.ts";

/** Makes guarded writes and renews leases. To be used inside a write transaction. */
export class WriteStatements {
  readonly #connection: Connection;
  readonly #settle;
  readonly #change;
  readonly #changeLeased;
  readonly #removeSettled;
  readonly #remove;
  readonly #define;
  readonly #queue;
  readonly #result;
  readonly #dropResult;
  readonly #dropResults;
  readonly #event;
  readonly #select;
  readonly #renew;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#settle = new HotStatement(connection, statements.settleTask(db));
    this.#change = new HotStatement(connection, statements.changeTask(db, "ends"));
    this.#changeLeased = new HotStatement(connection, statements.changeTask(db, "stays"));
    this.#removeSettled = new HotStatement(connection, statements.removeSettledTask(db));
    this.#remove = new HotStatement(connection, statements.removeTask(db));
    this.#define = new HotStatement(connection, statements.updateDefinition(db));
    this.#queue = new HotStatement(connection, statements.insertQueue(db));
    this.#result = new HotStatement(connection, statements.insertResult(db));
    this.#dropResult = new HotStatement(connection, statements.deleteResultOfRun(db));
    this.#dropResults = new HotStatement(connection, statements.deleteResults(db));
    this.#event = new HotStatement(connection, statements.insertEvent(db));
    this.#select = new HotStatement(connection, statements.selectTask(db));
    this.#renew = new HotStatement(connection, statements.renewLease(db));
  }

  write(write: TaskWrite, now: number): WriteAnswer {
    const { id, result, dropResults, definition } = write;
    if (this.#guarded(write, now) === 0) return { written: false, current: this.#current(id) };
    if (definition) {
      this.#define.run({ ...definition, id });
      this.#queue.run({ name: definition.queue });
    }
    if (dropResults === "all") this.#dropResults.run({ taskId: id });
    else if (dropResults !== null) this.#dropResult.run({ taskId: id, run: dropResults });
    if (result) this.#result.run(newResult(id, result, null, now));
    for (const event of write.events) this.#event.run({ ...event, now });
    const children = write.enqueue.map((child) => [child]);
    if (children.length > 0) this.#connection.run(enqueue({ groups: children }, now));
    return { written: true };
  }

  renew({ id, token, leaseMs, progress }: RenewHookItem, now: number): RenewHookAnswer {
    const values = { id, token: tokenNumber(token), until: now + leaseMs, progress };
    return this.#renew.first<{ until: number }>(values) ?? { current: this.#current(id) };
  }

  #guarded({ id, guard, state, due, keepsLease }: TaskWrite, now: number): number {
    const next = state && {
      ...state,
      eta: due && dueAt(due, now),
      finishedAt: isFinished(state.status) ? now : null,
      now,
    };
    if ("token" in guard) {
      const { scheduleVersion, outcomeDigest } = guard;
      const token = tokenNumber(guard.token);
      return next
        ? this.#settle.run({ ...next, id, token, scheduleVersion, outcomeDigest })
        : this.#removeSettled.run({ id, token, scheduleVersion });
    }
    const values = { ...guard, id };
    if (!next) return this.#remove.run(values);
    return (keepsLease ? this.#changeLeased : this.#change).run({ ...values, ...next });
  }

  #current(id: string): StoredTask | null {
    const row = this.#select.first<TaskRow>({ id });
    return row ? storedTask(row) : null;
  }
}
