import type { StoredTask } from "@omniq/core/storage";
import { Statement, TASK_COLUMNS, type TaskRow, param, storedTask } from "@omniq/storage-sql";
import { type Compilable, type RawBuilder, sql } from "kysely";
import { postgresCompiler } from "./query-builder.ts";

/** A statement of the hot path: built once, and prepared once a connection under its name. */
export interface HotStatement {
  readonly name: string;
  readonly statement: Statement<object>;
}

/** What every function answers: a row for each item that there is something to say about, or one of nulls. */
export interface Row {
  readonly now: number;
  readonly kind: string | null;
  /** Which item of the call, from 1. */
  readonly item: number;
}

/** What the functions about tasks answer. */
export type AnswerRow = Row & TaskRow & { readonly until: number | null };

/** Calls functions of a schema, in one step, with the time read once. */
export class HotStatements {
  readonly #schema: string;

  constructor(schema: string) {
    this.#schema = schema;
  }

  /** Functions that answer tasks, one after the other. */
  ofTasks(name: string, ...calls: readonly RawBuilder<unknown>[]): HotStatement {
    const called = sql.join(
      calls.map((call) => sql`select * from ${call}`),
      sql` union all `,
    );
    const columns = TASK_COLUMNS.map((column) => {
      const [from, to] = column.split(" as ") as [string, string];
      return sql`(a.task).${sql.ref(from)} as ${sql.ref(to)}`;
    });
    return this.of(name, sql`a.kind, a.item, a.until, ${sql.join(columns)}`, sql`(${called})`);
  }

  of(name: string, selected: RawBuilder<unknown>, source: RawBuilder<unknown>): HotStatement {
    const clock = sql`(select ${sql.id(this.#schema, "omniq_now")}() as now) clock`;
    const query = sql`select clock.now, ${selected} from ${clock} left join lateral ${source} a on true`;
    const compilable: Compilable = { compile: () => query.compile(postgresCompiler) };
    return { name: `omniq_${this.#schema}_${name}`, statement: new Statement(compilable) };
  }

  /** A function by its name, with the parameters that it takes beside the clock. */
  call(name: string, parameters: readonly string[]): RawBuilder<unknown> {
    const named = ["commit", ...parameters].map((key) => sql`${sql.raw(`p_${key}`)} => ${param(key)}`);
    return sql`${sql.id(this.#schema, name)}(clock.now, ${sql.join(named)})`;
  }
}

export function nowOf(rows: readonly Row[]): number {
  return (rows[0] as Row).now;
}

/** The task of a row; null where there is none. */
export function taskOf({ now: _n, kind: _k, item: _i, until: _u, ...row }: AnswerRow): StoredTask | null {
  return row.id === null ? null : storedTask(row);
}
