import type { Compilable, RawBuilder } from "kysely";

/** An instant in milliseconds, or the SQL that gives it. */
export type Instant = number | RawBuilder<number>;

/** How many rows one statement inserts at most; times the columns, well below what a driver can bind. */
const ROWS_A_STATEMENT = 500;

/** One query: its text, and the values to bind by position. What Kysely compiles is one; so is a statement kept ready. */
export interface SqlQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** What running one query gave. */
export interface QueryAnswer {
  readonly rows: readonly unknown[];
  /** How many rows it inserted, changed or removed. */
  readonly changes: number;
}

/**
 * SQL that several queries make up, without a word about how they are run: it yields each query and is given
 * its answer. So one text serves a driver that answers at once and one that answers later; the runner puts it
 * into one transaction where it writes.
 */
export type SqlProgram<T> = Generator<SqlQuery, T, QueryAnswer>;

/** The rows of a query. */
export function* rowsOf<Row>(query: Compilable<Row>): SqlProgram<readonly Row[]> {
  const answer = yield query.compile();
  return answer.rows as readonly Row[];
}

/** The first row of a query, or null. */
export function* firstOf<Row>(query: Compilable<Row>): SqlProgram<Row | null> {
  const answer = yield query.compile();
  return (answer.rows[0] as Row | undefined) ?? null;
}

/** How many rows a statement changed. */
export function* changesOf(query: Compilable): SqlProgram<number> {
  const answer = yield query.compile();
  return answer.changes;
}

/** Runs a program on a driver that answers at once. */
export function runProgram<T>(program: SqlProgram<T>, run: (query: SqlQuery) => QueryAnswer): T {
  let step = program.next();
  while (!step.done) step = program.next(run(step.value));
  return step.value;
}

/** Runs a query on a driver that answers later. */
export type QueryLater = (sql: string, values: readonly unknown[]) => Promise<QueryAnswer>;

/** Runs a program on a driver that answers later. */
export async function runProgramLater<T>(query: QueryLater, program: SqlProgram<T>): Promise<T> {
  let step = program.next();
  while (!step.done) step = program.next(await query(step.value.sql, step.value.parameters));
  return step.value;
}

/** Parts rows into as many as one statement inserts. */
export function chunksOf<Row>(rows: readonly Row[]): readonly (readonly Row[])[] {
  const chunks: (readonly Row[])[] = [];
  for (let from = 0; from < rows.length; from += ROWS_A_STATEMENT) {
    chunks.push(rows.slice(from, from + ROWS_A_STATEMENT));
  }
  return chunks;
}
