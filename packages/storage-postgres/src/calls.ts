import { TASK_COLUMNS, type TaskRow } from "@omniq/storage-sql";

/** What a function answers: a row for each item that there is something to say about, or one of nulls. */
export interface AnswerRow extends TaskRow {
  readonly now: number;
  readonly kind: "existing" | "duplicate" | "claimed" | "recovered" | "renewed" | "refused" | null;
  /** Which item of the call, from 1. */
  readonly item: number;
  readonly until: number | null;
}

const SELECTED = TASK_COLUMNS.map((column) => {
  const [name, field] = column.split(" as ");
  return `(a.task).${name} as "${field}"`;
});

/** The calls of functions of the schema, with how many arguments each function takes beside those that all take. */
export function callsOf(schema: string) {
  const [write, claim] = [26, 11];
  return {
    enqueue: callOf(schema, { enqueue: 26 }),
    claim: callOf(schema, { claim }),
    write: callOf(schema, { write }),
    exchange: callOf(schema, { write, claim }),
    renew: callOf(schema, { renew: 4 }),
  };
}

/**
 * One statement that calls functions one after the other, with the time read once. It is prepared once a connection,
 * under its name.
 */
function callOf(schema: string, functions: Readonly<Record<string, number>>) {
  let taken = 1;
  const called = Object.entries(functions).map(([name, count]) => {
    const own = Array.from({ length: count }, () => `, $${++taken}`);
    return `select * from "${schema}".${name}(clock.now, $1${own.join("")})`;
  });
  const clock = `(select "${schema}".omniq_now() as now) clock`;
  return {
    name: `omniq_${schema}_${Object.keys(functions).join("_")}`,
    sql: `select clock.now, a.kind, a.item, a.until, ${SELECTED.join(", ")}
      from ${clock} left join lateral (${called.join(" union all ")}) a on true`,
  };
}

/**
 * Fields of the items of a call, or of a part of each, one array for each field: the whole batch is one statement,
 * however many there are.
 */
export function columns<T extends object>(
  fields: string,
  items: readonly (T | null)[],
  part?: keyof T,
): string[] {
  const parts = part ? items.map((item) => item?.[part]) : items;
  const records = parts as readonly (Readonly<Record<string, unknown>> | null)[];
  return fields.split(" ").map((field) => arrayText(records.map((record) => record?.[field] ?? null)));
}

/** As a literal, which every driver passes on as it is. Empty where all are null: `unnest` fills it up with nulls. */
export function arrayText(values: readonly unknown[]): string {
  let text = "";
  let isEmpty = true;
  for (const value of values) {
    if (value !== null) isEmpty = false;
    text += typeof value === "string" ? `,${quoted(value)}` : `,${String(value)}`;
  }
  return isEmpty ? "{}" : `{${text.slice(1)}}`;
}

function quoted(text: string): string {
  return `"${/["\\]/.test(text) ? text.replaceAll(/["\\]/g, String.raw`\$&`) : text}"`;
}
