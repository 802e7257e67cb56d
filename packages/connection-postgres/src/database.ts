import { sleep, systemClock, systemRandom } from "@omniq/core";
import { withinTime } from "@omniq/core/storage";
import { isContention, isUnprepared, timedOut, toPostgresError } from "./postgres-failure.ts";
import type { Answer, Loan, Query, SessionOptions, Source } from "./source.ts";

const MAX_TRIES = 5;

export interface DatabaseOptions extends SessionOptions {
  /** Whether statements with a name are prepared once a connection, where that can be done. */
  readonly preparedStatements: boolean;
}

/** What a server says of itself and of its database, by the names of its settings. */
export interface ServerFacts {
  readonly encoding: string;
  readonly fsync: string;
  readonly full_page_writes: string;
}

/**
 * Runs work on connections that it borrows, each piece within the time limit, and again where Postgres took it back
 * because of another transaction.
 */
export class Database {
  readonly source: Source;
  /** Whether the server's own process is at the other end, and no pooler that changes it with each transaction. */
  isDirect = true;
  /**
   * What each transaction has to set `synchronous_commit` to: `off`, or `on` where it is `off`, for what is stricter is to
   * stay. Null where the sessions are set to it.
   */
  commit: "on" | "off" | null = null;
  readonly #options: DatabaseOptions;
  #prepares: boolean;
  /** Whether a statement by itself would run at another isolation level than ours, by what the server is set to. */
  #needsTransaction = false;

  constructor(source: Source, options: DatabaseOptions) {
    this.source = source;
    this.#options = options;
    this.#prepares = options.preparedStatements;
  }

  /** Looks at what is at the other end, and answers what a store has to judge. To be done first. */
  async inspect(): Promise<ServerFacts> {
    const text = `select pg_backend_pid() as pid, current_setting('default_transaction_isolation') as isolation,
      current_setting('server_encoding') as encoding, current_setting('fsync') as fsync,
      current_setting('full_page_writes') as full_page_writes`;
    const found = await this.#run(async ({ query, processId }) => {
      const row = (await query(text, [])).rows[0] as ServerFacts & { pid: number; isolation: string };
      return { ...row, isDirect: processId === null || processId === row.pid };
    });
    this.isDirect = found.isDirect;
    this.#needsTransaction = found.isolation !== "read committed";
    this.#prepares &&= found.isDirect;
    // The defaults may change at any time, so a session that is not set up is not asked for them now.
    const wanted = this.#options.durability === "full" ? "on" : "off";
    this.commit = found.isDirect && this.source.setsUp ? null : wanted;
    return found;
  }

  /** Runs one statement. One with a name is prepared under it, where that can be done. */
  async query<Row>(sql: string, values: readonly unknown[] = [], name?: string): Promise<readonly Row[]> {
    const ask = (query: Query): Promise<Answer> => query(sql, values, this.#prepares ? name : undefined);
    // At a stricter level, Postgres would take back calls again and again that have only met.
    const { rows } = await (this.#needsTransaction ? this.transaction(ask) : this.read(ask));
    return rows as readonly Row[];
  }

  /** Does some work on one connection, each statement by itself. It may be done again, so it writes nothing. */
  read<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.#run(({ query }) => work(query));
  }

  /** All that `work` writes, or nothing. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    // For this transaction alone, so that they reach nobody else through a pooler.
    const timeout = `set local statement_timeout = ${this.#options.timeoutMs}`;
    const commit = this.commit === null ? "" : commitAs(this.commit);
    return this.#run(async ({ query }) => {
      await query(`begin isolation level read committed; ${timeout}; ${commit}`, []);
      try {
        const result = await work(query);
        await query("commit", []);
        return result;
      } catch (thrown) {
        // Where not even this gets through, the connection is not used again.
        await query("rollback", []);
        throw thrown;
      }
    });
  }

  async #run<T>(work: (loan: Loan) => Promise<T>): Promise<T> {
    const giveUpAt = systemClock.now() + this.#options.timeoutMs;
    for (let tries = 1; ; tries++) {
      try {
        return await this.#once(work, giveUpAt - systemClock.now());
      } catch (thrown) {
        if (isUnprepared(thrown) && this.#prepares) this.#prepares = false;
        else if (!isContention(thrown) || tries >= MAX_TRIES || systemClock.now() >= giveUpAt) {
          throw toPostgresError(thrown, this.source.place);
        }
      }
      await sleep(systemClock, tries * 5 * systemRandom());
    }
  }

  #once<T>(work: (loan: Loan) => Promise<T>, limitMs: number): Promise<T> {
    let lent: Loan | null = null;
    let isOver = false;
    const lending = this.source.lend((loan) => {
      lent = loan;
      // Where nobody waits for it any more, what it comes to is not looked at.
      return isOver ? Promise.reject(new Error("too late")) : work(loan);
    });
    return withinTime(limitMs, lending, () => {
      isOver = true;
      lent?.cutOff();
      return timedOut(this.source.place, lent !== null);
    });
  }
}

function commitAs(commit: "on" | "off"): string {
  return `select set_config('synchronous_commit', '${commit}', true)
    where 'off' in ('${commit}', current_setting('synchronous_commit'))`;
}
