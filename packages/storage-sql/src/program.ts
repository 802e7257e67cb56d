import type { Compilable, CompiledQuery } from "kysely";

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
export type SqlProgram<T> = Generator<CompiledQuery, T, QueryAnswer>;

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
export function runProgram<T>(program: SqlProgram<T>, run: (query: CompiledQuery) => QueryAnswer): T {
  let step = program.next();
  while (!step.done) step = program.next(run(step.value));
  return step.value;
}
