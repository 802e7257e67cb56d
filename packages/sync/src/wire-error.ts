import * as core from "@omniq/core";
import { TaskError, type TaskErrorDetails, type TaskErrorFields } from "@omniq/core";
import type { Wire, WireError } from "./wire-types.ts";

type ErrorClass = abstract new (...args: never) => Error;

/** Every error class that core exports, and the language's own. Nothing else is made from a name. */
const CLASSES: ReadonlyMap<string, ErrorClass> = new Map<string, ErrorClass>([
  ...[Error, TypeError, RangeError, SyntaxError, ReferenceError].map((one) => [one.name, one] as const),
  ...Object.entries(core).filter((entry): entry is [string, typeof core.OmniQError] =>
    isErrorClass(entry[1]),
  ),
]);

export function encodeError(error: Error, encode: (part: unknown) => Wire): WireError {
  return {
    className: knownClass(error),
    message: error.message,
    stack: error.stack,
    fields: encode(error instanceof TaskError ? partsOf(error) : Object.fromEntries(Object.entries(error))),
    cause: "cause" in error ? encode(error.cause) : null,
  };
}

/** The error again: of its class, with its fields, and with the stack of both sides. */
export function decodeError(wire: WireError, decode: (part: Wire) => unknown): Error {
  const { className, message, stack } = wire;
  const fields = decode(wire.fields);
  const error = isTaskErrorName(className)
    ? taskError(className, fields as TaskErrorParts)
    : new Error(message);
  if (!(error instanceof TaskError)) {
    Object.setPrototypeOf(error, (CLASSES.get(className) ?? Error).prototype as object);
    Object.assign(error, fields);
  }
  const here = error.stack?.split("\n").slice(1).join("\n") ?? "";
  hide(error, "stack", stack === undefined ? undefined : `${stack}\n${here}`);
  if (wire.cause) hide(error, "cause", decode(wire.cause));
  return error;
}

interface TaskErrorParts {
  readonly fields: TaskErrorFields;
  readonly details: TaskErrorDetails;
}

function partsOf(error: TaskError): TaskErrorParts {
  const { errorType, message, timestamp, traceback, retryCount, isRetryable, details } = error;
  return { fields: { errorType, message, timestamp, traceback, retryCount, isRetryable }, details };
}

/** It has fields that only its constructor can set. */
function taskError(className: string, { fields, details }: TaskErrorParts): TaskError {
  const error = new TaskError(fields, details);
  Object.setPrototypeOf(error, (CLASSES.get(className) as typeof TaskError).prototype);
  error.name = className;
  return error;
}

function isTaskErrorName(className: string): boolean {
  const found = CLASSES.get(className);
  return found === TaskError || found?.prototype instanceof TaskError;
}

function knownClass(error: Error): string {
  for (let proto: unknown = error; proto !== null; proto = Object.getPrototypeOf(proto)) {
    const { constructor } = proto as { readonly constructor: ErrorClass };
    if (CLASSES.get(constructor.name) === constructor) return constructor.name;
  }
  return "Error";
}

function isErrorClass(value: unknown): boolean {
  return typeof value === "function" && value.prototype instanceof Error;
}

/** As the engine has it: there, and not listed. */
function hide(error: Error, key: "stack" | "cause", value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true });
}
