import { Database, type Query, isRefusalToNotify, listen, timedOut } from "@omniq/connection-postgres";
import { StorageError } from "@omniq/core";
import {
  Announcer,
  SERVER_CAPABILITIES,
  checkTestClock,
  packageVersion,
  plainInsert,
  withinTime,
} from "@omniq/core/storage";
import type * as h from "@omniq/core/storage";
import * as shared from "@omniq/storage-sql";
import { sql } from "kysely";
import { type InsertAnswerRow, type TaskAnswerRow, callsOf } from "./calls.ts";
import { arrayText } from "./literals.ts";
import { LowWaterMarks } from "./low-water-marks.ts";
import { type PostgresStorageOptions, type Settings, settingsOf } from "./postgres-options.ts";
import { prepareSchema, removeSchema } from "./schema.ts";
import { checkEncoding, warnOfRisks } from "./server-check.ts";
import { sourceOf, toViaError, viaQuery } from "./source.ts";
import * as codec from "./task-codec.ts";

/** What an open store works with. */
interface Opened {
  readonly database: Database;
  readonly calls: ReturnType<typeof callsOf>;
  /** The number that the store's tables are known by. */
  readonly storeId: number;
}

/**
 * Tasks in a schema of a Postgres database, which any number of processes and hosts may share. The server's clock
 * decides what is due; workers elsewhere are woken by NOTIFY.
 */
export class PostgresStorage extends shared.SqlStorage {
  /** The schema that the tables lie in. */
  readonly schema: string;
  protected readonly queries: shared.QueryBuilder;
  readonly #settings: Settings;
  readonly #marks = new LowWaterMarks();
  /** A hint is a commit of its own. */
  readonly #hints = new Announcer(() =>
    this.#store.database.query("select pg_notify($1, '')", [this.#channel]),
  );
  /** Whether enqueues may tell of themselves, as far as is known. */
  #mayTell = true;
  #opened: Opened | null = null;

  /** Connects to nothing: the first call does. @throws ValidationError for a bad option */
  constructor(urlOrOptions: string | PostgresStorageOptions = {}) {
    const options = typeof urlOrOptions === "string" ? { url: urlOrOptions } : urlOrOptions;
    const settings = settingsOf(options);
    super(
      {
        name: "postgres",
        version: packageVersion(import.meta.url),
        timeoutMs: settings.timeoutMs,
        capabilities: {
          ...SERVER_CAPABILITIES,
          wakeup: !settings.kysely,
          eventsIndexed: true,
          transactions: true,
          survivesServerCrash: settings.durability === "full",
          survivesPowerLoss: settings.durability === "full",
        },
      },
      options,
    );
    this.#settings = settings;
    this.schema = settings.schema;
    this.queries = shared.postgresQueries.withSchema(this.schema);
  }

  /** For tests only. @throws ValidationError `invalid_test_clock` for a store without the option `testClock` */
  async setTestClock(now: number): Promise<void> {
    checkTestClock(this.#settings.testClock);
    await this.open();
    const text = `update "${this.schema}".omniq_meta set value = $1 where key = 'test_now'`;
    await this.#store.database.query(text, [now]);
  }

  protected async doOpen(): Promise<void> {
    const database = new Database(sourceOf(this.#settings), this.#settings);
    const { place } = database.source;
    const prepare = (query: Query): Promise<number> =>
      prepareSchema(query, this.queries, this.#settings, place);
    try {
      const facts = await database.inspect();
      checkEncoding(facts, place);
      warnOfRisks(facts, place);
      const storeId = await database.transaction(prepare);
      this.#opened = { database, storeId, calls: callsOf(this.schema) };
      this.setClock((await this.doNextDue([])).now);
    } catch (error) {
      await database.source.close();
      throw error;
    }
  }

  protected async doClose(): Promise<void> {
    await this.#hints.close();
    await this.#opened?.database.source.close();
    this.#opened = null;
  }

  protected async doDestroy(): Promise<void> {
    const remove = (query: Query): Promise<void> => removeSchema(query, this.queries, this.schema);
    await this.#store.database.transaction(remove);
  }

  protected async doDescribe(): Promise<h.DescribeHookResult> {
    const settings = ["fsync", "full_page_writes", "synchronous_commit", "server_version"];
    const columns = settings.map((name) => `current_setting('${name}') as ${name}`).join(", ");
    const [found] = await this.#store.database.query<Record<string, string>>(`select ${columns}`);
    const { server_version: postgres = "", ...durability } = found ?? {};
    return { durability, versions: { postgres, schema: String(shared.SCHEMA_VERSION) } };
  }

  protected async doEnqueue({ groups }: h.EnqueueHookParams): Promise<h.EnqueueHookResult> {
    // An enqueue that comes alone tells of itself, which saves whoever waits for it a trip. Of many at once none does:
    // Postgres commits what notifies one after the other.
    const tells = this.#mayTell && this.#hints.leaveToCaller();
    const channel = tells ? this.#channel : null;
    try {
      const task = plainInsert(groups);
      const values = task && [channel, ...codec.plainValues(task)];
      let rows = values ? await this.#call<InsertAnswerRow>("insertOne", values) : [];
      if (rows.length === 0) {
        const call = codec.insertCall(groups);
        rows = await this.#call<InsertAnswerRow>(call.name, [...call.values, channel]);
      }
      return { ...codec.insertedOf(groups, rows), isAnnounced: tells };
    } catch (error) {
      // What cannot be announced is stored all the same.
      if (tells && isRefusalToNotify(error)) {
        this.#mayTell = false;
        return this.doEnqueue({ groups });
      }
      // What was owed was to go with it.
      if (tells) this.#hints.announce();
      throw error;
    }
  }

  protected override doEnqueueVia(via: object, params: h.EnqueueHookParams): Promise<h.EnqueueHookResult> {
    const { groups } = params;
    const { database, calls, storeId } = this.#store;
    const { place } = database.source;
    const query = viaQuery(via);
    const joined = shared.joinVia(query, this.queries, { id: storeId, place }, async () => {
      // Prepared under no name: how long the connection lives, and what lies before the server, is not ours to know.
      const { name, values } = codec.insertCall(groups);
      // Its session is the application's, and so is the choice to commit sooner than is safe where the store does, too.
      const commit = this.#settings.durability === "full" ? "on" : null;
      const { rows } = await query(calls[name].sql, [commit, ...values, this.#channel]);
      return codec.insertedOf(groups, rows as InsertAnswerRow[]);
    });
    const overrun = (): Error => timedOut(place, true);
    return withinTime(this.#settings.timeoutMs, joined, overrun).catch((thrown: unknown) => {
      throw toViaError(thrown, place);
    });
  }

  protected async doDequeue(params: h.DequeueHookParams): Promise<h.DequeueHookResult> {
    const marks = this.#marks.of(params);
    const claim = codec.claimedOf(await this.#call("claim", codec.claimValues(params, marks)));
    this.#marks.observe(params, marks, claim);
    return claim;
  }
  protected async doWrite(writes: readonly h.TaskWrite[]): Promise<h.WriteHookResult> {
    const { isAlike, values } = codec.writeArguments(writes);
    return codec.writtenOf(writes, await this.#call(isAlike ? "writeAlike" : "write", values));
  }

  protected override async doExchange(
    writes: readonly h.TaskWrite[],
    params: h.DequeueHookParams,
  ): Promise<h.ExchangeHookResult> {
    const marks = this.#marks.of(params);
    const { isAlike, values } = codec.writeArguments(writes);
    const call = isAlike ? "exchangeAlike" : "exchange";
    const rows = await this.#call(call, [...values, ...codec.claimValues(params, marks)]);
    const claim = codec.claimedOf(rows);
    this.#marks.observe(params, marks, claim);
    return { ...claim, ...codec.writtenOf(writes, rows) };
  }

  protected async doRenew(renewals: readonly h.RenewHookItem[]): Promise<h.RenewHookResult> {
    return codec.renewedOf(await this.#call("renew", codec.renewValues(renewals)));
  }

  protected async doNextDue(queues: readonly string[]): Promise<{ now: number; at: number | null }> {
    const text = `select "${this.schema}".omniq_now() as now, "${this.schema}".next_due($1) as at`;
    const rows = await this.#store.database.query(text, [arrayText(queues)]);
    return rows[0] as { now: number; at: number | null };
  }

  /** Does not wait for the server, since the call that it tells of must not. */
  protected override async doNotify(): Promise<void> {
    this.#hints.announce();
  }

  protected override async doWatch(onHint: () => void): Promise<h.Watch | null> {
    const { source, isDirect } = this.#store.database;
    if (!source.config || !isDirect) return null;
    return listen(source.config, this.#channel, this.#settings.timeoutMs, onHint);
  }

  protected read<T>(program: (now: shared.Instant) => shared.SqlProgram<T>): Promise<T> {
    const now = sql<number>`${sql.id(this.schema, "omniq_now")}()`;
    return this.#store.database.read((query) => shared.runProgramLater(query, program(now)));
  }

  protected change<T>(program: (now: number) => shared.SqlProgram<T>): Promise<T> {
    return this.#store.database.transaction(async (query) => {
      const { rows } = await query(`select "${this.schema}".omniq_now() as now`, []);
      return shared.runProgramLater(query, program((rows[0] as { readonly now: number }).now));
    });
  }

  get #store(): Opened {
    if (!this.#opened) throw new StorageError("not_open", "The store is not open");
    return this.#opened;
  }

  get #channel(): string {
    return `omniq_${this.schema}`;
  }

  #call<Row = TaskAnswerRow>(
    name: keyof Opened["calls"],
    values: readonly unknown[],
  ): Promise<readonly Row[]> {
    const { database, calls } = this.#store;
    return database.query(calls[name].sql, [database.commit, ...values], calls[name].name);
  }
}
