import { AssertionError } from "node:assert/strict";
import { inspect, isDeepStrictEqual } from "node:util";

/** Fails with a message that says what was observed and what the rule asks for, at the first place that differs. */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  const { path, seen, wanted } = firstDifference(actual, expected, "");
  const place = path === "" ? what : `${what}, at ${path.replace(/^\./, "")}`;
  throw new AssertionError({ message: `${place}: observed ${show(seen)}, expected ${show(wanted)}` });
}

/** Fails with `observed`, a sentence about what was seen, unless `holds`. */
export function expectThat(holds: boolean, observed: string): asserts holds {
  if (!holds) throw new AssertionError({ message: observed });
}

/** The fields of an error that a caller can rely on. */
export interface ErrorFields {
  readonly name?: string;
  readonly code?: string | RegExp;
  readonly taskId?: string;
}

/** Awaits a rejection with these fields and returns it. Classes are told by name, so that two copies of core do no harm. */
export async function expectRejection(
  call: Promise<unknown>,
  fields: ErrorFields,
  what: string,
): Promise<Error> {
  let value: unknown;
  try {
    value = await call;
  } catch (error) {
    expectError(error, fields, what);
    return error;
  }
  throw new AssertionError({ message: `${what} resolved with ${show(value)}, expected ${show(fields)}` });
}

/** Fails unless `error` is an Error with these fields. */
export function expectError(error: unknown, fields: ErrorFields, what: string): asserts error is Error {
  if (!(error instanceof Error)) {
    throw new AssertionError({
      message: `${what}: observed ${show(error)}, which is no Error, expected ${show(fields)}`,
    });
  }
  const found = error as unknown as Readonly<Record<string, unknown>>;
  for (const [key, wanted] of Object.entries(fields)) {
    const value = found[key];
    const matches =
      wanted instanceof RegExp ? typeof value === "string" && wanted.test(value) : value === wanted;
    expectThat(
      matches,
      `${what}: the error's ${key} is ${show(value)}, expected ${show(wanted)} (${error.name}: ${error.message})`,
    );
  }
}

/** Fails unless `error` has what every refusal of a store has: a stable code, whether to try again, what is known. */
export function expectStorageError(error: Error, what: string): void {
  const { code, retryable, outcome } = error as Partial<Record<"code" | "retryable" | "outcome", unknown>>;
  const holds =
    typeof code === "string" &&
    typeof retryable === "boolean" &&
    (outcome === "not-applied" || outcome === "unknown");
  expectThat(holds, `${what} threw ${error.name} (${error.message}), which is no StorageError`);
}

export function show(value: unknown): string {
  return inspect(value, { depth: 4, breakLength: Infinity, maxArrayLength: 20, maxStringLength: 200 });
}

interface Difference {
  readonly path: string;
  readonly seen: unknown;
  readonly wanted: unknown;
}

/** Goes down into arrays of one length and plain objects, so that a message shows the difference and not the whole. */
function firstDifference(seen: unknown, wanted: unknown, path: string): Difference {
  if (Array.isArray(seen) && Array.isArray(wanted) && seen.length === wanted.length && !isShort(wanted)) {
    const index = seen.findIndex((item, place) => !isDeepStrictEqual(item, wanted[place]));
    return firstDifference(seen[index], wanted[index], `${path}[${index}]`);
  }
  if (isPlainObject(seen) && isPlainObject(wanted)) {
    const keys = [...new Set([...Object.keys(seen), ...Object.keys(wanted)])];
    const differing = keys.filter((key) => !isDeepStrictEqual(seen[key], wanted[key]));
    const [key] = differing;
    if (key !== undefined && differing.length === 1)
      return firstDifference(seen[key], wanted[key], `${path}.${key}`);
    const pick = (from: Record<string, unknown>): unknown =>
      Object.fromEntries(
        differing.filter((member) => member in from).map((member) => [member, from[member]]),
      );
    return { path, seen: pick(seen), wanted: pick(wanted) };
  }
  return { path, seen, wanted };
}

/** Whether a list is best shown whole. */
function isShort(list: readonly unknown[]): boolean {
  return list.length <= 5 && list.every((item) => typeof item !== "object" || item === null);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
