import type { Statement } from "@omniq/storage-sql";
import type { Statement as Prepared } from "better-sqlite3";
import type { Connection } from "./connection.ts";

/** A statement of the hot path: built by Kysely once, prepared once, run many times. */
export class HotStatement<Values extends object> {
  readonly #statement: Statement<Values>;
  readonly #prepared: Prepared;

  constructor(connection: Connection, statement: Statement<Values>) {
    this.#statement = statement;
    this.#prepared = connection.prepare(statement.sql);
  }

  /** How many rows it changed. */
  run(values: Values): number {
    return this.#prepared.run(this.#statement.bind(values)).changes;
  }

  first<Row>(values: Values): Row | undefined {
    return this.#prepared.get(this.#statement.bind(values)) as Row | undefined;
  }

  all<Row>(values: Values): Row[] {
    return this.#prepared.all(this.#statement.bind(values)) as Row[];
  }
}
