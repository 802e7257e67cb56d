import { type SequencedTask as Row, newRow } from "@omniq/core/storage";
import { seededRandom } from "@omniq/test-support/seeded-random";

const DEFINITION = {
  name: "task",
  queue: "default",
  priority: 0,
  payload: "{}",
  format: "json",
  schedule: null,
  scheduleVersion: 1,
  maxRetries: 3,
  timeout: null,
  policies: null,
  headers: null,
  concurrencyKey: null,
  contentDigest: "digest",
  due: { at: 0 },
  dedupe: null,
  clearsResults: false,
  event: null,
};

/** A task that was just created, at an instant that is its due time. */
export function rowOf(id: string, sequence: number, now = 0): Row {
  return newRow({ ...DEFINITION, id, due: { at: now } }, sequence, now);
}

/** The fields of a row but for its id. */
export const FIELDS = Object.keys(rowOf("", 0)).filter((name) => name !== "id") as (keyof Row)[];

/** The row with another value in one of its fields. */
export function otherwise(row: Row, name: keyof Row): Row {
  if (name === "status") return { ...row, status: "CANCELLED" };
  const value = row[name];
  return { ...row, [name]: typeof value === "number" ? value + 1 : value === "a" ? "b" : "a" };
}

/** Random choices, all from one seed. */
export function choices() {
  const random = seededRandom();
  const below = (count: number): number => Math.floor(random() * count);
  const oneOf = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  return { below, oneOf };
}
