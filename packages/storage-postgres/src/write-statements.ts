import {
  type DequeueHookParams,
  type ExchangeHookResult,
  type RenewHookAnswer,
  type RenewHookItem,
  type RenewHookResult,
  type TaskWrite,
  type WriteAnswer,
  type WriteHookResult,
  isFinished,
} from "@omniq/core/storage";
import { type QueryBuilder, addQueue, statements, tokenNumber } from "@omniq/storage-sql";
import { columnsOf } from "./arrays.ts";
import type { ClaimStatements } from "./claim-statements.ts";
import type { Database } from "./database.ts";
import type { EnqueueStatements } from "./enqueue-statements.ts";
import { type AnswerRow, type HotStatement, type HotStatements, nowOf, taskOf } from "./hot-statements.ts";
import { type Answered, inRounds, roundsOf } from "./rounds.ts";
import type { Loan } from "./source.ts";

const WRITE_COLUMNS = {
  ids: (write: TaskWrite) => write.id,
  tokens: ({ guard }: TaskWrite) => ("token" in guard ? tokenNumber(guard.token) : null),
  schedule_versions: ({ guard }: TaskWrite) => ("token" in guard ? guard.scheduleVersion : null),
  digests: ({ guard }: TaskWrite) => ("token" in guard ? guard.outcomeDigest : null),
  revisions: ({ guard }: TaskWrite) => ("revision" in guard ? guard.revision : null),
  statuses: ({ state }: TaskWrite) => state?.status ?? null,
  runs: ({ state }: TaskWrite) => state?.run ?? null,
  attempts: ({ state }: TaskWrite) => state?.attempts ?? null,
  failures: ({ state }: TaskWrite) => state?.failures ?? null,
  recoveries: ({ state }: TaskWrite) => state?.recoveries ?? null,
  errors: ({ state }: TaskWrite) => state?.error ?? null,
  holds: ({ state }: TaskWrite) => state?.holds ?? null,
  finished: ({ state }: TaskWrite) => (state && isFinished(state.status)) || null,
  etas: ({ due }: TaskWrite) => (due && "at" in due ? due.at : null),
  delays: ({ due }: TaskWrite) => (due && "inMs" in due ? due.inMs : null),
  keeps: (write: TaskWrite) => write.keepsLease || null,
  // Runs are numbered from 1.
  drops: ({ dropResults }: TaskWrite) => (dropResults === "all" ? -1 : dropResults),
  result_runs: ({ result }: TaskWrite) => result?.run ?? null,
  result_statuses: ({ result }: TaskWrite) => result?.status ?? null,
  result_values: ({ result }: TaskWrite) => result?.value ?? null,
  result_formats: ({ result }: TaskWrite) => result?.format ?? null,
  result_errors: ({ result }: TaskWrite) => result?.error ?? null,
  result_attempts: ({ result }: TaskWrite) => result?.attempts ?? null,
  result_starts: ({ result }: TaskWrite) => result?.startedAt ?? null,
  result_ttls: ({ result }: TaskWrite) => result?.ttlMs ?? null,
};

const RENEW_COLUMNS = {
  ids: (item: RenewHookItem) => item.id,
  tokens: (item: RenewHookItem) => tokenNumber(item.token),
  leases: (item: RenewHookItem) => item.leaseMs,
  progress: (item: RenewHookItem) => item.progress,
};

/** Makes guarded writes and renews leases. */
export class WriteStatements {
  readonly #db: QueryBuilder;
  readonly #database: Database;
  readonly #enqueue: EnqueueStatements;
  readonly #claim: ClaimStatements;
  readonly #write: HotStatement;
  readonly #exchange: HotStatement;
  readonly #renew: HotStatement;
  readonly #define;

  constructor(
    db: QueryBuilder,
    database: Database,
    hot: HotStatements,
    enqueue: EnqueueStatements,
    claim: ClaimStatements,
  ) {
    this.#db = db;
    this.#database = database;
    this.#enqueue = enqueue;
    this.#claim = claim;
    const write = hot.call("write", [...Object.keys(WRITE_COLUMNS), "events"]);
    this.#write = hot.ofTasks("write", write);
    this.#exchange = hot.ofTasks("exchange", write, claim.call);
    this.#renew = hot.ofTasks("renew", hot.call("renew", Object.keys(RENEW_COLUMNS)));
    this.#define = statements.updateDefinition(db);
  }

  async write(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    const work = (loan: Loan): Promise<Written> => this.#writeAll(loan, writes);
    return inOrder(
      writes,
      await (isOneStep(writes) ? this.#database.run(work) : this.#database.transaction(work)),
    );
  }

  async exchange(writes: readonly TaskWrite[], params: DequeueHookParams): Promise<ExchangeHookResult> {
    if (!isOneStep(writes)) {
      return this.#database.transaction(async (loan) => {
        const { answers } = inOrder(writes, await this.#writeAll(loan, writes));
        return { ...(await this.#claim.dequeue(loan, params)), answers };
      });
    }
    const values = { ...valuesOf(writes), ...this.#claim.values(params) };
    const rows = await this.#database.run((loan) =>
      this.#database.query<AnswerRow>(loan, this.#exchange, values),
    );
    return { ...this.#claim.answer(rows), answers: writeAnswers(writes, rows) };
  }

  async renew(renewals: readonly RenewHookItem[]): Promise<RenewHookResult> {
    const rounds = roundsOf(renewals, ({ id }) => [id]);
    const work = (loan: Loan): Promise<Answered<RenewHookItem, RenewHookAnswer>> =>
      inRounds(rounds, async (round) => {
        const values = columnsOf(RENEW_COLUMNS, round);
        const rows = await this.#database.query<AnswerRow>(loan, this.#renew, values);
        const answers: RenewHookAnswer[] = [];
        for (const row of rows) {
          if (row.kind === "renewed") answers[row.item - 1] = { until: row.until as number };
          else if (row.kind === "refused") answers[row.item - 1] = { current: taskOf(row) };
        }
        return { now: nowOf(rows), answers };
      });
    return inOrder(
      renewals,
      await (rounds.length === 1 ? this.#database.run(work) : this.#database.transaction(work)),
    );
  }

  #writeAll(loan: Loan, writes: readonly TaskWrite[]): Promise<Written> {
    return inRounds(roundsOf(writes, keysOf), async (round) => {
      const rows = await this.#database.query<AnswerRow>(loan, this.#write, valuesOf(round));
      const answers = writeAnswers(round, rows);
      const written = round.filter((_, index) => answers[index]?.written);
      for (const { id, definition } of written) {
        if (!definition) continue;
        await loan.query(this.#define.sql, this.#define.bind({ ...definition, id }));
        await this.#database.program(loan, addQueue(this.#db, definition.queue));
      }
      const children = written.flatMap(({ enqueue }) => enqueue);
      if (children.length > 0) await this.#enqueue.insert(loan, children);
      return { now: nowOf(rows), answers };
    });
  }
}

type Written = Answered<TaskWrite, WriteAnswer>;

function keysOf({ id }: TaskWrite): readonly string[] {
  return [id];
}

/** Whether the function alone does all of it, without the statements that few writes need. */
function isOneStep(writes: readonly TaskWrite[]): boolean {
  const arePlain = writes.every(({ definition, enqueue }) => definition === null && enqueue.length === 0);
  return arePlain && roundsOf(writes, keysOf).length === 1;
}

function valuesOf(writes: readonly TaskWrite[]): object {
  const events = writes.flatMap((write, index) =>
    write.events.map((event) => ({ ...event, item: index + 1 })),
  );
  return {
    ...columnsOf(WRITE_COLUMNS, writes),
    events: events.length === 0 ? null : JSON.stringify(events),
  };
}

function writeAnswers(writes: readonly TaskWrite[], rows: readonly AnswerRow[]): WriteAnswer[] {
  const answers = writes.map((): WriteAnswer => ({ written: true }));
  for (const row of rows) {
    if (row.kind === "refused") answers[row.item - 1] = { written: false, current: taskOf(row) };
  }
  return answers;
}

function inOrder<Item, Answer>(
  items: readonly Item[],
  { now, answers }: Answered<Item, Answer>,
): { readonly now: number; readonly answers: readonly Answer[] } {
  return { now, answers: items.map((item) => answers.get(item) as Answer) };
}
