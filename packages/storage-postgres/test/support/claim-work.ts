import { Client, type ClientBase, type ClientConfig, type Pool } from "pg";

/** The connections of this process to each schema, so that each can be told to report what it has read. */
export class KnownClients {
  readonly #bySchema = new Map<string, Set<ClientBase>>();

  /** A class of clients that are known by this schema. */
  classFor(schema: string): typeof Client {
    const known = this.#bySchema.get(schema) ?? new Set();
    this.#bySchema.set(schema, known);
    return class extends Client {
      constructor(config: ClientConfig) {
        super(config);
        known.add(this);
        this.once("end", () => known.delete(this));
      }
    };
  }

  /** A connection adds what it has read to the statistics of the server now and then; now, at this. */
  async reportStatistics(schema: string): Promise<void> {
    for (const client of this.#bySchema.get(schema) ?? []) {
      await client.query("select pg_stat_force_next_flush()");
    }
  }

  forget(schema: string): void {
    this.#bySchema.delete(schema);
  }
}

/** How many entries of the indexes of tasks, and rows of the table, were read since the schema was made. */
export async function rowsRead(admin: Pool, schema: string): Promise<number> {
  const { rows } = await admin.query<{ read: string }>(
    `select (select sum(idx_tup_read) from pg_stat_user_indexes where schemaname = $1 and relname = 'tasks')
          + (select sum(seq_tup_read) from pg_stat_user_tables where schemaname = $1 and relname = 'tasks') as read`,
    [schema],
  );
  return Number(rows[0]?.read);
}
