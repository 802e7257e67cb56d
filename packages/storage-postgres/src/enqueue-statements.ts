import type { EnqueueHookParams, EnqueueHookResult, InsertAnswer, TaskInsert } from "@omniq/core/storage";
import { sql } from "kysely";
import { columnsOf } from "./arrays.ts";
import type { Database } from "./database.ts";
import { type HotStatement, type HotStatements, type Row, nowOf } from "./hot-statements.ts";
import { type Answered, inRounds, roundsOf } from "./rounds.ts";
import type { Loan } from "./source.ts";

const INSERT_COLUMNS = {
  ids: (task: TaskInsert) => task.id,
  names: (task: TaskInsert) => task.name,
  queues: (task: TaskInsert) => task.queue,
  priorities: (task: TaskInsert) => task.priority,
  payloads: (task: TaskInsert) => task.payload,
  formats: (task: TaskInsert) => task.format,
  schedules: (task: TaskInsert) => task.schedule,
  schedule_versions: (task: TaskInsert) => task.scheduleVersion,
  etas: ({ due }: TaskInsert) => ("at" in due ? due.at : null),
  delays: ({ due }: TaskInsert) => ("inMs" in due ? due.inMs : null),
  max_retries: (task: TaskInsert) => task.maxRetries,
  timeouts: (task: TaskInsert) => task.timeout,
  policies: (task: TaskInsert) => task.policies,
  headers: (task: TaskInsert) => task.headers,
  concurrency_keys: (task: TaskInsert) => task.concurrencyKey,
  digests: (task: TaskInsert) => task.contentDigest,
  dedupe_keys: ({ dedupe }: TaskInsert) => dedupe?.key ?? null,
  windows: ({ dedupe }: TaskInsert) => dedupe?.windowMs ?? null,
  debounces: ({ dedupe }: TaskInsert) => dedupe?.debounce || null,
  clears: (task: TaskInsert) => task.clearsResults || null,
};

type InsertRow = Row & { readonly kind: "existing" | "duplicate" | null; readonly id: string };
type Inserted = Answered<TaskInsert, InsertAnswer>;

/** Stores new tasks. */
export class EnqueueStatements {
  readonly #database: Database;
  readonly #enqueue: HotStatement;

  constructor(database: Database, hot: HotStatements) {
    this.#database = database;
    const call = hot.call("enqueue", [...Object.keys(INSERT_COLUMNS), "events"]);
    this.#enqueue = hot.of("enqueue", sql`a.kind, a.item, a.id`, call);
  }

  async enqueue({ groups }: EnqueueHookParams): Promise<EnqueueHookResult> {
    const inserts = groups.flat();
    if (groups.every((group) => group.length === 1) && roundsOf(inserts, keysOf).length === 1) {
      return answersOf(groups, await this.#database.run((loan) => this.insert(loan, inserts)));
    }
    const refusal = new Error("A group has a duplicate");
    try {
      return await this.#database.transaction(async (loan) => {
        const inserted = await this.insert(loan, inserts);
        if (groups.some((group) => isRefused(group, inserted))) throw refusal;
        return answersOf(groups, inserted);
      });
    } catch (thrown) {
      if (thrown !== refusal) throw thrown;
      return this.#database.transaction((loan) => this.groupByGroup(loan, groups));
    }
  }

  /** Inserts what can be inserted. To be used inside a transaction, unless it is one round. */
  insert(loan: Loan, inserts: readonly TaskInsert[]): Promise<Inserted> {
    return inRounds(roundsOf(inserts, keysOf), async (round) => {
      const events = round.flatMap(({ event }) => event ?? []);
      const rows = await this.#database.query<InsertRow>(loan, this.#enqueue, {
        ...columnsOf(INSERT_COLUMNS, round),
        events: events.length === 0 ? null : JSON.stringify(events),
      });
      const answers: InsertAnswer[] = round.map(({ id }) => ({ status: "created", id }));
      for (const { kind, item, id } of rows) if (kind !== null) answers[item - 1] = { status: kind, id };
      return { now: nowOf(rows), answers };
    });
  }

  /** A group with a duplicate leaves nothing behind, while the others stand. To be used inside a transaction. */
  async groupByGroup(loan: Loan, groups: EnqueueHookParams["groups"]): Promise<EnqueueHookResult> {
    const answers = new Map<TaskInsert, InsertAnswer>();
    let now = 0;
    for (const group of groups) {
      await loan.query("savepoint enqueue_group", []);
      const inserted = await this.insert(loan, group);
      if (isRefused(group, inserted)) await loan.query("rollback to savepoint enqueue_group", []);
      await loan.query("release savepoint enqueue_group", []);
      for (const [insert, answer] of inserted.answers) answers.set(insert, answer);
      now = inserted.now;
    }
    return answersOf(groups, { now, answers });
  }
}

/** What keeps two inserts from being made by one statement. */
function keysOf({ id, dedupe }: TaskInsert): readonly string[] {
  return dedupe ? [`id ${id}`, `key ${dedupe.key}`] : [`id ${id}`];
}

function isRefused(group: readonly TaskInsert[], { answers }: Inserted): boolean {
  return group.length > 1 && group.some((insert) => answers.get(insert)?.status === "duplicate");
}

function answersOf(groups: EnqueueHookParams["groups"], { now, answers }: Inserted): EnqueueHookResult {
  return { now, groups: groups.map((group) => group.map((insert) => answers.get(insert) as InsertAnswer)) };
}
