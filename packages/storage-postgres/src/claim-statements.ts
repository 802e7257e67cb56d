import type { DequeueHookParams, DequeueHookResult, StoredTask } from "@omniq/core/storage";
import type { RawBuilder } from "kysely";
import { columnsOf } from "./arrays.ts";
import type { Database } from "./database.ts";
import { type AnswerRow, type HotStatement, type HotStatements, nowOf, taskOf } from "./hot-statements.ts";
import type { Loan } from "./source.ts";

const QUEUE_COLUMNS = {
  queues: (queue: { readonly name: string }) => queue.name,
  limits: (queue: { readonly limit: number }) => queue.limit,
};

/** Claims tasks. */
export class ClaimStatements {
  readonly call: RawBuilder<unknown>;
  readonly #database: Database;
  readonly #claim: HotStatement;

  constructor(database: Database, hot: HotStatements) {
    const parameters = ["total", "worker", "lease", "claimed_event", "recovered_event"];
    this.call = hot.call("claim", [...Object.keys(QUEUE_COLUMNS), ...parameters]);
    this.#database = database;
    this.#claim = hot.ofTasks("claim", this.call);
  }

  async dequeue(loan: Loan, params: DequeueHookParams): Promise<DequeueHookResult> {
    return this.answer(await this.#database.query<AnswerRow>(loan, this.#claim, this.values(params)));
  }

  values({ queues, limit, workerId, leaseMs, events }: DequeueHookParams): object {
    return {
      ...columnsOf(QUEUE_COLUMNS, queues),
      total: limit,
      worker: workerId,
      lease: leaseMs,
      claimed_event: events.claimed,
      recovered_event: events.recovered,
    };
  }

  answer(rows: readonly AnswerRow[]): DequeueHookResult {
    const claimed: StoredTask[] = [];
    const recovered: StoredTask[] = [];
    for (const row of rows) {
      if (row.kind === "claimed") claimed.push(taskOf(row) as StoredTask);
      else if (row.kind === "recovered") recovered.push(taskOf(row) as StoredTask);
    }
    return { now: nowOf(rows), claimed, recovered };
  }
}
