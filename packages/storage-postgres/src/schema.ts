import { readFileSync } from "node:fs";
import { StorageError } from "@omniq/core";
import { type QueryBuilder, type SchemaDialect, dropTables, migrate, storeId } from "@omniq/storage-sql";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { postgresCompiler } from "./query-builder.ts";
import type { Loan } from "./source.ts";

/** The functions, which take the names of the tables' schema. Each file says what it is for. */
const FUNCTIONS = ["token", "enqueue", "claim", "write", "renew", "next-due", "storage"];

/**
 * How the functions are planned. A plan is made once a connection, perhaps when the tables are still empty, and kept:
 * it has to go by the indexes even then, and must not be thrown over by what the planner guesses of arrays.
 */
const PLANS = [
  "set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off",
  "set enable_hashjoin = off set enable_mergejoin = off set jit = off",
].join(" ");

/** The schema that the tables lie in, together with the functions that claim, write and renew. */
export class Schema {
  readonly #name: string;
  readonly #database: Database;
  readonly #testClock: boolean;
  readonly #db: QueryBuilder;

  constructor(name: string, database: Database, testClock: boolean) {
    this.#name = name;
    this.#database = database;
    this.#testClock = testClock;
    this.#db = postgresCompiler.withSchema(name);
  }

  /**
   * Makes it, or brings it to the present version: one process at a time, and whoever comes later finds it done.
   * Answers the store's now, and the number that its tables are known by.
   */
  async prepare(loan: Loan): Promise<{ readonly now: number; readonly storeId: number }> {
    const name = this.#name;
    await loan.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`omniq ${name}`]);
    const found = await loan.query("select from pg_namespace where nspname = $1", [name]);
    const isNew = found.rows.length === 0;
    if (isNew) await loan.query(`create schema "${name}"`, []);
    const place = `The schema ${name} of ${this.#database.place}`;
    const present = await this.#relations(loan);
    await this.#database.program(loan, migrate(this.#db, this.#dialect(), present, place));
    if (isNew) await loan.query(`insert into "${name}".omniq_meta values ('schema_created', 1)`, []);
    if ((await this.#hasMeta(loan, "test_now")) !== this.#testClock) {
      const clock = this.#testClock ? "the server's own clock" : "a clock of tests";
      throw new StorageError("test_clock", `${place} was made with ${clock}. Name another schema.`);
    }
    const id = (await this.#database.program(loan, storeId(this.#db))) as number;
    return { now: await this.now(loan), storeId: id };
  }

  /** Removes all that {@link prepare} has made. */
  async remove(loan: Loan): Promise<void> {
    const name = this.#name;
    const wasMade = await this.#hasMeta(loan, "schema_created");
    const functions = ["enqueue", "claim", "write", "renew", "next_due", "next_token", "omniq_now"];
    await loan.query(`drop function if exists ${functions.map((one) => `"${name}".${one}`).join(", ")}`, []);
    await loan.query(`drop sequence if exists "${name}".omniq_token`, []);
    await this.#database.program(loan, dropTables(this.#db));
    if (wasMade && (await this.#relations(loan)).length === 0) await loan.query(`drop schema "${name}"`, []);
  }

  async now(loan: Loan): Promise<number> {
    const { rows } = await loan.query(`select "${this.#name}".omniq_now() as now`, []);
    return (rows[0] as { readonly now: number }).now;
  }

  #dialect(): SchemaDialect {
    const files = [this.#testClock ? "test-clock" : "clock", ...FUNCTIONS];
    return {
      bigint: "bigint",
      serial: "bigserial",
      numbered: (column) => column.primaryKey(),
      key: sql`text collate "C"`,
      keyedTable: "",
      additions: [files.map((file) => sqlFile(file, this.#name))],
    };
  }

  async #relations(loan: Loan): Promise<readonly string[]> {
    const text = "select relname from pg_class where relnamespace = to_regnamespace($1)";
    const { rows } = await loan.query(text, [`"${this.#name}"`]);
    return (rows as { readonly relname: string }[]).map(({ relname }) => relname);
  }

  async #hasMeta(loan: Loan, key: string): Promise<boolean> {
    const { rows } = await loan.query(`select from "${this.#name}".omniq_meta where key = $1`, [key]);
    return rows.length > 0;
  }
}

function sqlFile(name: string, schema: string): string {
  const text = readFileSync(new URL(`../sql/${name}.sql`, import.meta.url), "utf8");
  return text.replaceAll("{schema}", `"${schema}"`).replaceAll("{plans}", PLANS);
}
