import { type Compilable, type RawBuilder, sql } from "kysely";

/** Stands for a value that is known only when the statement runs. */
class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A place in a statement for the value of this name. */
export function param<T>(name: string): RawBuilder<T> {
  return sql<T>`${new Placeholder(name)}`;
}

/** A query that was built once and is run many times, by drivers that bind values by position. */
export class Statement<Values extends object> {
  readonly sql: string;
  readonly #names: readonly string[];

  /** Every value in the query must be a {@link param}, so that none is fixed by accident. */
  constructor(query: Compilable) {
    const { sql: text, parameters } = query.compile();
    this.sql = text;
    this.#names = parameters.map((parameter) => {
      if (parameter instanceof Placeholder) return parameter.name;
      throw new TypeError(`A statement has the fixed value ${String(parameter)}: ${text}`);
    });
  }

  /** The values in the order in which the statement wants them. */
  bind(values: Values): unknown[] {
    const record = values as Readonly<Record<string, unknown>>;
    const names = this.#names;
    const bound = new Array<unknown>(names.length);
    for (let index = 0; index < names.length; index++) bound[index] = record[names[index] as string];
    return bound;
  }
}
