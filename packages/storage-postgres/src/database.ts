import { sleep, systemClock, systemRandom } from "@omniq/core";
import { type SqlProgram, runProgramLater } from "@omniq/storage-sql";
import type { HotStatement } from "./hot-statements.ts";
import { isContention, isUnprepared, timedOut, toPostgresError, toViaError } from "./postgres-failure.ts";
import type { Loan, Source } from "./source.ts";

export interface DatabaseOptions {
  /** How long a call may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Host, port and database, for messages. */
  readonly place: string;
  readonly preparedStatements: boolean;
  readonly durability: "full" | "relaxed";
}

const MAX_TRIES = 5;

/**
 * Runs work on connections that it borrows, each piece within the time limit, and again where Postgres took it back
 * because of another transaction.
 */
export class Database {
  readonly source: Source;
  /** Whether the server's own process is at the other end, and no pooler that changes it with each transaction. */
  isDirect = true;
  readonly #options: DatabaseOptions;
  #prepares: boolean;
  /** What `synchronous_commit` has to be set to; null where the server's own setting will do. */
  #commit: string | null = null;

  constructor(source: Source, options: DatabaseOptions) {
    this.source = source;
    this.#options = options;
    this.#prepares = options.preparedStatements;
  }

  get place(): string {
    return this.#options.place;
  }

  /** Looks at what is at the other end. To be done first. */
  async inspect(): Promise<void> {
    const { synchronous_commit: commit, pid } = await this.run(async (loan) => {
      const text =
        "select pg_backend_pid() as pid, current_setting('synchronous_commit') as synchronous_commit";
      const { rows } = await loan.query(text, []);
      const row = rows[0] as { readonly pid: number; readonly synchronous_commit: string };
      return { ...row, pid: loan.processId === null || loan.processId === row.pid };
    });
    this.isDirect = pid;
    if (!pid) this.#prepares = false;
    if (this.#options.durability === "relaxed") this.#commit = "off";
    else if (commit === "off") this.#commit = "on";
  }

  /** Runs one of the hot statements. */
  async query<Row>(loan: Loan, { name, statement }: HotStatement, values: object): Promise<Row[]> {
    const bound = statement.bind({ ...values, commit: this.#commit });
    const { rows } = await loan.query(statement.sql, bound, this.#prepares ? name : undefined);
    return rows as Row[];
  }

  program<T>(loan: Loan, program: SqlProgram<T>): Promise<T> {
    return runProgramLater(program, (query) => loan.query(query.sql, query.parameters));
  }

  /** All that `work` writes, or nothing. */
  transaction<T>(work: (loan: Loan) => Promise<T>, mode = "read committed"): Promise<T> {
    return this.run(async (loan) => {
      await loan.query(`begin isolation level ${mode}; ${this.#settings()}`, []);
      try {
        const result = await work(loan);
        await loan.query("commit", []);
        return result;
      } catch (thrown) {
        // Where not even this gets through, the connection is not used again.
        await loan.query("rollback", []).catch(() => loan.release(true));
        throw thrown;
      }
    });
  }

  /** Within a transaction of the application's: all that `work` writes, or the transaction is as it was. */
  async join<T>(via: Loan, work: (loan: Loan) => Promise<T>): Promise<T> {
    const joined = async (loan: Loan): Promise<T> => {
      await loan.query("savepoint omniq_via", []);
      try {
        const result = await work(loan);
        await loan.query("release savepoint omniq_via", []);
        return result;
      } catch (thrown) {
        // Where this fails too, the transaction is lost anyhow.
        await loan.query("rollback to savepoint omniq_via; release savepoint omniq_via", []).catch(() => {});
        throw thrown;
      }
    };
    try {
      return await this.#once(async () => via, joined, this.#options.timeoutMs);
    } catch (thrown) {
      throw toViaError(thrown, this.#options.place);
    }
  }

  /** For this transaction alone, so that they reach nobody else through a pooler. */
  #settings(): string {
    const timeout = `set local statement_timeout = ${this.#options.timeoutMs}`;
    return this.#commit === null ? timeout : `${timeout}; set local synchronous_commit = ${this.#commit}`;
  }

  async run<T>(work: (loan: Loan) => Promise<T>): Promise<T> {
    const giveUpAt = systemClock.now() + this.#options.timeoutMs;
    for (let tries = 1; ; tries++) {
      try {
        return await this.#once(() => this.source.lend(), work, giveUpAt - systemClock.now());
      } catch (thrown) {
        if (isUnprepared(thrown) && this.#prepares) this.#prepares = false;
        else if (!isContention(thrown) || tries >= MAX_TRIES || systemClock.now() >= giveUpAt) {
          throw toPostgresError(thrown, this.#options.place);
        }
      }
      await sleep(systemClock, tries * 5 * systemRandom());
    }
  }

  async #once<T>(lend: () => Promise<Loan>, work: (loan: Loan) => Promise<T>, limitMs: number): Promise<T> {
    let loan: Loan | null = null;
    let isOver = false;
    const doing = lend().then(async (lent) => {
      if (isOver) {
        lent.release(false);
        throw timedOut(this.#options.place, false);
      }
      loan = lent;
      try {
        const result = await work(lent);
        lent.release(false);
        return result;
      } catch (thrown) {
        // What the server refused leaves the connection as it was; anything else may have cut an answer in two.
        lent.release(!isRefusal(thrown));
        throw thrown;
      }
    });
    const { promise: overrun, reject } = Promise.withResolvers<never>();
    const timer = systemClock.setTimer(() => {
      isOver = true;
      reject(timedOut(this.#options.place, loan !== null));
      loan?.release(true);
    }, limitMs);
    try {
      return await Promise.race([doing, overrun]);
    } finally {
      timer.cancel();
    }
  }
}

function isRefusal(thrown: unknown): boolean {
  const { code, severity } = thrown as { readonly code?: unknown; readonly severity?: unknown };
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && severity === "ERROR";
}
