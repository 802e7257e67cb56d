import { systemClock } from "@omniq/core";
import {
  type DequeueHookParams,
  type EventInsert,
  type QueueInfo,
  type StoredTask,
  claimEvent,
} from "@omniq/core/storage";
import {
  Statement,
  TASK_COLUMNS,
  type TaskRow,
  param,
  statements,
  storedTask,
  sqliteQueries as db,
} from "@omniq/storage-sql";
import { sql } from "kysely";
import type { Connection } from "./connection.ts";
import { HotStatement } from "./hot-statement.ts";

/** The lease that one claim gives to every task that it takes. */
interface LeaseValues {
  readonly now: number;
  readonly until: number;
  readonly workerId: string;
  readonly token: number;
}

interface PlaceValues {
  readonly queue: string;
  readonly now: number;
  readonly limit: number;
}

/**
 * Claims tasks. To be used inside a write transaction.
 *
 * The index `tasks_due` holds waiting tasks alone, by queue, priority and due time. A claim goes down it one
 * priority at a time and reads the due ones from each: neither what has ended nor what is due later costs it
 * anything. The token is taken only once there is something to claim, so that a look that finds nothing writes
 * nothing.
 */
export class ClaimStatements {
  readonly #token: HotStatement<{ readonly micros: number }>;
  readonly #lapsed: HotStatement<PlaceValues>;
  readonly #takeOver: HotStatement<LeaseValues & { readonly seq: number }>;
  readonly #priority: HotStatement<{ readonly queue: string; readonly below: number }>;
  readonly #firstDue: HotStatement<{
    readonly queue: string;
    readonly priority: number;
    readonly now: number;
  }>;
  readonly #claim: HotStatement<LeaseValues & PlaceValues & { readonly priority: number }>;
  readonly #event: HotStatement<EventInsert & { readonly now: number }>;
  readonly #queues: HotStatement<object>;
  readonly #paused: HotStatement<object>;
  readonly #nextWaiting: HotStatement<{ readonly queue: string; readonly above: number }>;
  readonly #nextLapse: HotStatement<{ readonly queue: string }>;

  constructor(connection: Connection) {
    this.#token = new HotStatement(connection, nextToken());
    this.#lapsed = new HotStatement(connection, selectLapsed());
    this.#takeOver = new HotStatement(connection, takeOver());
    this.#priority = new HotStatement(connection, nextPriority());
    this.#firstDue = new HotStatement(connection, firstDue());
    this.#claim = new HotStatement(connection, claimDue());
    this.#event = new HotStatement(connection, statements.insertEvent(db));
    this.#queues = new HotStatement(connection, statements.selectQueues(db));
    this.#paused = new HotStatement(connection, selectPaused());
    this.#nextWaiting = new HotStatement(connection, nextWaiting());
    this.#nextLapse = new HotStatement(connection, nextLapse());
  }

  dequeue(params: DequeueHookParams, now: number): { claimed: StoredTask[]; recovered: StoredTask[] } {
    const { workerId, leaseMs, events } = params;
    const claimed: StoredTask[] = [];
    const recovered: StoredTask[] = [];
    const paused = this.#pausedNames();
    let lease: LeaseValues | null = null;
    const leased = (): LeaseValues =>
      (lease ??= { now, until: now + leaseMs, workerId, token: this.#nextToken() });
    for (const { name: queue, limit } of params.queues) {
      let room = Math.min(limit, params.limit - claimed.length - recovered.length);
      if (room <= 0 || paused.has(queue)) continue;
      for (const row of this.#lapsed.all<TaskRow>({ queue, now, limit: room })) {
        if (events.recovered) this.#event.run({ ...claimEvent(row, events.recovered), now });
        recovered.push(storedTask(this.#takeOver.first({ ...leased(), seq: row.sequence }) as TaskRow));
        room--;
      }
      let priority = room > 0 ? this.#priorityBelow(queue, Number.MAX_SAFE_INTEGER) : null;
      while (priority !== null) {
        const isDue = lease !== null || this.#firstDue.first({ queue, priority, now }) !== undefined;
        const rows = isDue
          ? this.#claim.all<TaskRow>({ ...leased(), queue, priority, limit: room }).sort(byDue)
          : [];
        for (const row of rows) {
          if (events.claimed) this.#event.run({ ...claimEvent(row, events.claimed), now });
          claimed.push(storedTask(row));
        }
        room -= rows.length;
        priority = room > 0 ? this.#priorityBelow(queue, priority) : null;
      }
    }
    return { claimed, recovered };
  }

  queues(): QueueInfo[] {
    return this.#queues
      .all<{ name: string; paused: number }>({})
      .map(({ name, paused }) => ({ name, paused: paused === 1 }));
  }

  /** When the next task of these queues is due, or its lease lapses; null where there is none. */
  nextDue(queues: readonly string[]): number | null {
    const paused = this.#pausedNames();
    let earliest = Infinity;
    for (const queue of queues) {
      if (paused.has(queue)) continue;
      const lapse = this.#nextLapse.first<{ instant: number }>({ queue });
      earliest = Math.min(earliest, lapse?.instant ?? Infinity);
      // One step down the index for each priority that waits.
      for (let above = Number.MIN_SAFE_INTEGER; ;) {
        const first = this.#nextWaiting.first<{ priority: number; eta: number }>({ queue, above });
        if (!first) break;
        earliest = Math.min(earliest, first.eta);
        above = first.priority;
      }
    }
    return earliest === Infinity ? null : earliest;
  }

  #pausedNames(): ReadonlySet<string> {
    return new Set(this.#paused.all<{ name: string }>({}).map(({ name }) => name));
  }

  /** Above every token before, and above the time, so that not even a restored backup gives one twice. */
  #nextToken(): number {
    const row = this.#token.first<{ value: number }>({ micros: systemClock.now() * 1000 });
    return (row as { value: number }).value;
  }

  #priorityBelow(queue: string, below: number): number | null {
    return this.#priority.first<{ priority: number | null }>({ queue, below })?.priority ?? null;
  }
}

function byDue(a: TaskRow, b: TaskRow): number {
  return a.eta - b.eta || a.sequence - b.sequence;
}

function nextToken(): Statement<{ readonly micros: number }> {
  const query = db
    .updateTable("omniq_meta")
    .set({ value: sql`max(value + 1, ${param("micros")})` })
    .where("key", "=", sql.lit("token"))
    .returning("value");
  return new Statement(query);
}

function selectLapsed(): Statement<PlaceValues> {
  const query = db
    .selectFrom("tasks")
    .select(TASK_COLUMNS)
    .where("queue", "=", param<string>("queue"))
    .where("status", "=", sql.lit("RUNNING"))
    .where("lease_until", "<=", param<number>("now"))
    .orderBy("lease_until")
    .limit(param<number>("limit"));
  return new Statement(query);
}

function takeOver(): Statement<LeaseValues & { readonly seq: number }> {
  const query = leasing()
    .set({ recoveries: sql`recoveries + 1` })
    .where("seq", "=", param<number>("seq"));
  return new Statement(query.returning(TASK_COLUMNS));
}

/** The tasks of a queue that wait to be claimed, due or not. */
function waiting() {
  return db
    .selectFrom("tasks")
    .where("queue", "=", param<string>("queue"))
    .where("status", "=", sql.lit("PENDING"))
    .where("holds", "is", sql.lit(null));
}

function nextPriority(): Statement<{ readonly queue: string; readonly below: number }> {
  const query = waiting()
    .select((eb) => eb.fn.max("priority").as("priority"))
    .where("priority", "<", param<number>("below"));
  return new Statement(query);
}

function selectPaused(): Statement<object> {
  return new Statement(db.selectFrom("queues").select("name").where("paused", "=", sql.lit(1)));
}

function nextWaiting(): Statement<{ readonly queue: string; readonly above: number }> {
  const query = waiting()
    .select(["priority", "eta"])
    .where("priority", ">", param<number>("above"))
    .orderBy("priority")
    .orderBy("eta")
    .limit(sql.lit(1));
  return new Statement(query);
}

function nextLapse(): Statement<{ readonly queue: string }> {
  const query = db
    .selectFrom("tasks")
    .select("lease_until as instant")
    .where("queue", "=", param<string>("queue"))
    .where("status", "=", sql.lit("RUNNING"))
    .where("lease_until", "is not", sql.lit(null))
    .orderBy("lease_until")
    .limit(sql.lit(1));
  return new Statement(query);
}

function firstDue(): Statement<{ readonly queue: string; readonly priority: number; readonly now: number }> {
  return new Statement(due().limit(sql.lit(1)));
}

function claimDue(): Statement<LeaseValues & PlaceValues & { readonly priority: number }> {
  const some = due().limit(param<number>("limit"));
  return new Statement(leasing().where("seq", "in", some).returning(TASK_COLUMNS));
}

/** The tasks of a queue and a priority that are due, in order. */
function due() {
  return waiting()
    .select("seq")
    .where("priority", "=", param<number>("priority"))
    .where("eta", "<=", param<number>("now"))
    .orderBy("eta")
    .orderBy("seq");
}

/** What claiming does to a row. */
function leasing() {
  return db.updateTable("tasks").set({
    status: sql.lit("RUNNING"),
    attempts: sql`attempts + 1`,
    last_attempt_at: param("now"),
    updated_at: param("now"),
    token: param("token"),
    lease_until: param("until"),
    worker_id: param("workerId"),
    progress: sql.lit(null),
    revision: sql`revision + 1`,
  });
}
