import { TASK_COLUMNS, type TaskRow } from "@omniq/storage-sql";
import { sqlFile } from "./schema.ts";

/** What a function answers: a row for each item that there is something to say about, or one of nulls. */
interface Answer<Kind> {
  readonly now: number;
  readonly kind: Kind | null;
  /** Which item of the call, from 1. */
  readonly item: number;
}

/** Of a task that was not stored; the id is that of the one that stands. */
export interface InsertAnswerRow extends Answer<"existing" | "duplicate"> {
  readonly id: string;
}

/** Of a task, as it is now. */
export interface TaskAnswerRow extends Answer<"claimed" | "recovered" | "renewed" | "refused">, TaskRow {
  readonly until: number | null;
}

const TASK_FIELDS = TASK_COLUMNS.map((column) => {
  const [name, field] = column.split(" as ");
  return `a.${name} as "${field}"`;
});

/**
 * The calls of functions of the schema, with how many arguments each function takes beside those that all take: the time,
 * and what to set `synchronous_commit` to for this transaction, or null; `on` leaves what is stricter as it is. What stores
 * tasks takes one more at the end: the channel to tell of it when it commits, or null.
 */
export function callsOf(schema: string) {
  const [write, write_alike, claim] = [6, 6, 8];
  const [insertAnswer, taskAnswer] = [["a.id"], ["a.until", ...TASK_FIELDS]];
  return {
    insertOne: { name: `omniq_${schema}_insert_one`, sql: sqlFile("insert-one", schema) },
    insertAlike: callOf(schema, { insert_alike: 5 }, insertAnswer, true),
    enqueue: callOf(schema, { enqueue: 6 }, insertAnswer, true),
    claim: callOf(schema, { claim }, taskAnswer),
    write: callOf(schema, { write }, taskAnswer),
    writeAlike: callOf(schema, { write_alike }, taskAnswer),
    exchange: callOf(schema, { write, claim }, taskAnswer),
    exchangeAlike: callOf(schema, { write_alike, claim }, taskAnswer),
    renew: callOf(schema, { renew: 1 }, taskAnswer),
  };
}

/**
 * One statement that calls functions one after the other, with the time read once. It is prepared once a connection,
 * under its name.
 */
function callOf(
  schema: string,
  functions: Readonly<Record<string, number>>,
  answered: readonly string[],
  tells = false,
) {
  let taken = 1;
  const called = Object.entries(functions).map(([name, count]) => {
    const own = Array.from({ length: count }, () => `, $${++taken}`);
    return `select * from "${schema}".${name}(clock.now, $1${own.join("")})`;
  });
  const channel = `$${taken + 1}::text`;
  const telling = tells ? `, case when ${channel} is not null then pg_notify(${channel}, '') end` : "";
  const clock = `(select "${schema}".omniq_now() as now${telling}) clock`;
  return {
    name: `omniq_${schema}_${Object.keys(functions).join("_")}`,
    sql: `select clock.now, a.kind, a.item, ${answered.join(", ")}
      from ${clock} left join lateral (${called.join(" union all ")}) a on true`,
  };
}
