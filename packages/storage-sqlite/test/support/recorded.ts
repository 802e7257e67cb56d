import Database from "better-sqlite3";

/** A statement as it was run, with its values. */
interface Recorded {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** A handle that keeps every statement that is run on it. */
export function recordingHandle(path: string): {
  readonly database: Database.Database;
  readonly seen: readonly Recorded[];
} {
  const database = new Database(path);
  const seen: Recorded[] = [];
  const prepare = database.prepare.bind(database);
  database.prepare = ((sql: string) => {
    const statement = prepare(sql);
    for (const name of ["all", "get", "run"] as const) {
      const run: (...values: unknown[]) => unknown = statement[name].bind(statement);
      const recording = (...values: unknown[]): unknown => {
        seen.push({ sql, values: values.flat() });
        return run(...values);
      };
      Object.defineProperty(statement, name, { value: recording });
    }
    return statement;
  }) as typeof database.prepare;
  return { database, seen };
}

/** What SQLite does for a statement, a line a step. */
export function planOf(database: Database.Database, { sql, values }: Recorded): readonly string[] {
  const steps = database.prepare(`explain query plan ${sql}`).all(...values);
  return (steps as { readonly detail: string }[]).map(({ detail }) => detail);
}
