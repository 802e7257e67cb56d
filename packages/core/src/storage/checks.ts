import { ValidationError } from "../errors/validation-error.ts";

/** Years past 9999 print and sort differently in other systems, so no instant lies beyond. */
const MAX_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const MAX_SPAN_MS = 1000 * 366 * 86_400_000;

/** @throws ValidationError `invalid_<field>` unless `value` is a text that any store can keep and tell apart. */
export function checkText(value: unknown, field: string, maxBytes: number): asserts value is string {
  if (typeof value !== "string") throw invalid(field, value, "it must be a text");
  if (value === "") throw invalid(field, value, "it must not be empty");
  if (value.includes("\0")) throw invalid(field, value, "it must not contain the character NUL");
  if (!value.isWellFormed())
    throw invalid(field, value, "it must be well-formed Unicode (it has a lone surrogate)");
  // Three bytes a UTF-16 unit is the most that UTF-8 takes, so that short texts need no count.
  if (value.length * 3 > maxBytes && Buffer.byteLength(value) > maxBytes) {
    throw invalid(field, value, `it must be at most ${maxBytes} bytes of UTF-8`);
  }
}

/** Whether `value` is a text of this form. */
export function isText(value: unknown, form: RegExp): value is string {
  return typeof value === "string" && form.test(value);
}

/**
 * @param unit what the number counts, where the name does not say it: ` of milliseconds`.
 * @throws ValidationError `invalid_<field>` unless `value` is a whole number from `min` to `max`.
 */
export function checkInteger(
  value: unknown,
  field: string,
  min: number,
  max: number,
  unit = "",
): asserts value is number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
    throw invalid(
      field,
      value,
      `it must be a whole number${unit} from ${min.toLocaleString("en")} to ${max.toLocaleString("en")}`,
    );
  }
}

/** @throws ValidationError `invalid_<field>` unless `value` is an instant from 1970 to 9999, in milliseconds. */
export function checkInstant(value: unknown, field: string): asserts value is number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > MAX_INSTANT) {
    throw invalid(field, value, "it must be an instant from 1970 to 9999, as a Date or in milliseconds");
  }
}

/** @throws ValidationError `invalid_<field>` unless `value` is a length of time of at least `min` milliseconds. */
export function checkSpan(value: unknown, field: string, min = 0): asserts value is number {
  checkInteger(value, field, min, MAX_SPAN_MS, " of milliseconds");
}

/** @throws ValidationError `invalid_<field>` unless `value` is an object. */
export function checkObject(value: unknown, field: string): asserts value is object {
  if (typeof value !== "object" || value === null) throw invalid(field, value, "it must be an object");
}

/** @throws ValidationError `invalid_<field>` unless `value` holds named values: no array, and no Date, Map, Promise or Error. */
export function checkRecord(value: unknown, field: string): asserts value is object {
  if (Object.prototype.toString.call(value) === "[object Object]") return;
  throw invalid(field, value, "it must be an object of named values, as in { name: value }");
}

/** @throws ValidationError `invalid_<field>` unless `value` is true or false. */
export function checkBoolean(value: unknown, field: string): asserts value is boolean {
  if (typeof value !== "boolean") throw invalid(field, value, "it must be true or false");
}

/** @throws ValidationError `invalid_<field>` unless `value` is a function. */
export function checkFunction(value: unknown, field: string): void {
  if (typeof value !== "function") throw invalid(field, value, "it must be a function");
}

/** @throws ValidationError `invalid_<field>` unless `value` has these methods. */
export function checkMethods(value: unknown, field: string, methods: readonly string[]): void {
  const missing = methods.find(
    (name) => typeof (value as Record<string, unknown> | null)?.[name] !== "function",
  );
  if (missing !== undefined) throw invalid(field, value, `it must have the methods ${methods.join(", ")}`);
}

/** @throws ValidationError `invalid_<field>` unless `value` is an array. */
export function checkArray(value: unknown, field: string): asserts value is readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(field, value, "it must be an array");
}

/** @throws ValidationError `invalid_<field>` unless `value` is one of `allowed`. */
export function checkOneOf<T extends string>(
  value: unknown,
  field: string,
  allowed: readonly T[],
): asserts value is T {
  if (!allowed.includes(value as T)) {
    throw invalid(
      field,
      value,
      `it must be one of ${allowed.map((name) => JSON.stringify(name)).join(", ")}`,
    );
  }
}

/** @throws ValidationError `invalid_<field>`, or `unknown_option` naming the first key that is not among `known`. */
export function checkOptions(options: object, known: readonly string[], of: string, field = "options"): void {
  checkRecord(options, field);
  // Not by a list of the keys, which would be made for each task that is enqueued.
  for (const key in options) {
    if (known.includes(key) || !Object.hasOwn(options, key)) continue;
    throw new ValidationError(
      "unknown_option",
      `${of} has no option ${JSON.stringify(key)}. It takes ${known.join(", ")}.`,
      { field: key },
    );
  }
}

/** @throws ValidationError `invalid_test_clock` unless the store was made for tests, with the option `testClock` */
export function checkTestClock(isAllowed: boolean): void {
  if (isAllowed) return;
  const message =
    "Only a store with the option testClock has a clock to set; this one's time is its server's.";
  throw new ValidationError("invalid_test_clock", message, { field: "testClock" });
}

function invalid(field: string, value: unknown, why: string): ValidationError {
  const code = `invalid_${field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replaceAll(".", "_")}`;
  return new ValidationError(code, `${field} ${show(value)} is not usable: ${why}.`, { field });
}

/** A short form of a refused value. Only scalars are shown: objects may hold what must not reach a log. */
function show(value: unknown): string {
  if (typeof value === "string")
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "(an array)" : "(an object)";
  return typeof value === "function" ? "(a function)" : String(value);
}
