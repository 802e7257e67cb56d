import { systemClock } from "../ports/clock.ts";
import { OmniQError, isA, readable } from "./omniq-error.ts";
import { ValidationError } from "./validation-error.ts";

/** The error types that OmniQ itself gives. A user's own are any other lower-case text. */
export const ErrorType = {
  RUNTIME: "runtime",
  TIMEOUT: "timeout",
  VALIDATION: "validation",
  RESOURCE: "resource",
  NETWORK: "network",
  SYSTEM: "system",
  UNKNOWN: "unknown",
} as const;

export type ErrorType = (typeof ErrorType)[keyof typeof ErrorType];

/** Where an error comes from, computed from its type. */
export type ErrorCategory = "system" | "external" | "user" | "application" | "unknown";

const CATEGORIES: ReadonlyMap<string, ErrorCategory> = new Map<string, ErrorCategory>([
  [ErrorType.TIMEOUT, "system"],
  [ErrorType.RESOURCE, "system"],
  [ErrorType.SYSTEM, "system"],
  [ErrorType.NETWORK, "external"],
  [ErrorType.VALIDATION, "user"],
  [ErrorType.RUNTIME, "application"],
]);

/** The six core fields. Only type and message are needed. */
export interface TaskErrorFields {
  readonly errorType: ErrorType | (string & {});
  readonly message: string;
  /** Default: now. */
  readonly timestamp?: Date;
  /** The stack, causes included; null where there is none. */
  readonly traceback?: string | null;
  /** How many failures of this run came before this one. Default 0. */
  readonly retryCount?: number;
  /** Default true. */
  readonly isRetryable?: boolean;
}

/** What may be known besides the core. */
export interface TaskErrorDetails {
  readonly maxRetries?: number;
  /** JSON values that help to understand the failure. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** The class of what was thrown. */
  readonly exceptionType?: string;
}

/** The wire form of the core: exactly six keys. */
export interface SerializedTaskError {
  readonly error_type: string;
  readonly message: string;
  readonly timestamp: string;
  readonly traceback: string | null;
  readonly retry_count: number;
  readonly is_retryable: boolean;
}

/** What `TaskError.fromException` takes besides the exception. */
export interface FromExceptionOptions extends TaskErrorDetails {
  readonly errorType?: string;
  readonly message?: string;
  readonly isRetryable?: boolean;
  readonly retryCount?: number;
  readonly timestamp?: Date;
}

const MAX_TRACEBACK_CHARS = 8192;
const MAX_MESSAGE_CHARS = 4096;
/** The message of what throws when it is asked for one. */
const UNREADABLE = "What was thrown cannot be read";

/**
 * Why a run of a task failed. Throw one from a handler to choose its type and whether it is retried; anything
 * else that a handler throws becomes one.
 */
export class TaskError extends OmniQError {
  readonly errorType: string;
  readonly timestamp: Date;
  readonly traceback: string | null;
  readonly retryCount: number;
  readonly isRetryable: boolean;
  readonly details: TaskErrorDetails;

  /** @throws ValidationError `invalid_task_error` naming the field. */
  constructor(fields: TaskErrorFields, details: TaskErrorDetails = {}) {
    check(typeof fields === "object" && fields !== null, "fields", "an object with errorType and message");
    const { errorType, message, timestamp, traceback = null, retryCount = 0, isRetryable = true } = fields;
    check(typeof details === "object" && details !== null, "details", "an object");
    check(typeof errorType === "string" && errorType !== "", "errorType", "a text that is not empty");
    check(typeof message === "string", "message", "a text");
    check(Number.isInteger(retryCount) && retryCount >= 0, "retryCount", "a whole number from 0");
    check(typeof isRetryable === "boolean", "isRetryable", "true or false");
    check(traceback === null || typeof traceback === "string", "traceback", "a text or null");
    check(
      timestamp === undefined || (timestamp instanceof Date && !Number.isNaN(timestamp.getTime())),
      "timestamp",
      "a valid Date",
    );
    super("task_error", message.slice(0, MAX_MESSAGE_CHARS));
    this.errorType = errorType.toLowerCase();
    this.timestamp = timestamp ?? new Date(systemClock.now());
    this.traceback = traceback?.slice(0, MAX_TRACEBACK_CHARS) ?? null;
    this.retryCount = retryCount;
    this.isRetryable = isRetryable;
    this.details = details;
  }

  /** A TaskError for whatever was thrown; a TaskError keeps what it says of itself. */
  static fromException(thrown: unknown, options: FromExceptionOptions = {}): TaskError {
    const { errorType, message, isRetryable, retryCount, timestamp, ...details } = options;
    const kept = isA(thrown, TaskError) ? thrown : null;
    const exceptionType = kept
      ? kept.details.exceptionType
      : readable(() => exceptionName(thrown), "unknown");
    return new TaskError(
      {
        errorType: errorType ?? kept?.errorType ?? ErrorType.RUNTIME,
        message: message ?? readable(() => textOf(thrown), UNREADABLE),
        traceback: kept?.traceback ?? readable(() => tracebackOf(thrown), null),
        isRetryable: isRetryable ?? kept?.isRetryable ?? true,
        retryCount: retryCount ?? kept?.retryCount ?? 0,
        ...((timestamp ?? kept?.timestamp) && { timestamp: (timestamp ?? kept?.timestamp) as Date }),
      },
      { ...(exceptionType !== undefined && { exceptionType }), ...kept?.details, ...details },
    );
  }

  /** Reads the wire form. Unknown keys are ignored; a plain text is an error of type `unknown`. */
  static from(wire: unknown, details: TaskErrorDetails = {}): TaskError {
    if (typeof wire === "string")
      return new TaskError({ errorType: ErrorType.UNKNOWN, message: wire }, details);
    const record = (wire ?? {}) as Partial<SerializedTaskError>;
    const fields = {
      errorType: record.error_type as string,
      message: record.message as string,
      timestamp: new Date(record.timestamp as string),
      traceback: record.traceback ?? null,
      retryCount: record.retry_count ?? 0,
      isRetryable: record.is_retryable ?? true,
    };
    return withoutStack(() => new TaskError(fields, details));
  }

  get category(): ErrorCategory {
    return CATEGORIES.get(this.errorType) ?? "unknown";
  }

  get maxRetries(): number | undefined {
    return this.details.maxRetries;
  }

  get context(): Readonly<Record<string, unknown>> | undefined {
    return this.details.context;
  }

  get exceptionType(): string | undefined {
    return this.details.exceptionType;
  }

  /** Whether the error allows a retry: it is retryable, and its own cap, where it names one, is not reached. */
  canRetry(): boolean {
    return this.isRetryable && (this.maxRetries === undefined || this.retryCount < this.maxRetries);
  }

  /** A copy with one retry more. */
  incrementRetry(): TaskError {
    return this.with({ retryCount: this.retryCount + 1 });
  }

  /** A copy with some fields replaced. */
  with(fields: Partial<TaskErrorFields>): TaskError {
    return new TaskError({ ...this.#fields(), ...fields }, this.details);
  }

  toJSON(): SerializedTaskError {
    return {
      error_type: this.errorType,
      message: this.message,
      timestamp: this.timestamp.toISOString(),
      traceback: this.traceback,
      retry_count: this.retryCount,
      is_retryable: this.isRetryable,
    };
  }

  #fields(): Required<TaskErrorFields> {
    const { errorType, message, timestamp, traceback, retryCount, isRetryable } = this;
    return { errorType, message, timestamp, traceback, retryCount, isRetryable };
  }
}

/** Throw one from a handler whose failure no retry can mend. */
export class NonRetryableError extends TaskError {
  constructor(message: string, details: TaskErrorDetails & { readonly errorType?: string } = {}) {
    const { errorType = ErrorType.RUNTIME, ...rest } = details;
    super({ errorType, message, isRetryable: false }, rest);
  }
}

/** Where an error is read says nothing: its traceback tells where it was thrown, and to note a stack takes time. */
function withoutStack<T>(make: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function check(holds: boolean, field: string, expected: string): void {
  if (holds) return;
  throw new ValidationError("invalid_task_error", `TaskError: ${field} must be ${expected}.`, { field });
}

function textOf(thrown: unknown): string {
  // Typed as a text, and yet some libraries put an object there.
  const message: unknown = thrown instanceof Error ? thrown.message : thrown;
  return typeof message === "string" ? message : describe(message);
}

function describe(thrown: unknown): string {
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return typeof thrown === "bigint" ? String(thrown) : Object.prototype.toString.call(thrown);
  }
}

function exceptionName(thrown: unknown): string {
  const name: unknown = thrown instanceof Error ? thrown.constructor.name || thrown.name : null;
  if (typeof name === "string") return name;
  return thrown === null ? "null" : typeof thrown;
}

/** The stack with those of its causes, at most five deep. */
function tracebackOf(thrown: unknown): string | null {
  const stacks: string[] = [];
  for (let error = thrown; error instanceof Error && stacks.length < 5; error = error.cause) {
    // Typed as a text, and yet anybody may put something else there.
    const stack: unknown = error.stack;
    stacks.push(typeof stack === "string" ? withoutWorker(stack) : textOf(error));
  }
  return stacks.length === 0 ? null : stacks.join("\ncaused by: ");
}

/** Where this package lies, as frames name it. */
const PACKAGE = new URL("../", import.meta.url).pathname;
/** By which functions of it a worker calls a handler. */
const CALLS_HANDLER = / at (?:async )?(?:[\w$]+\.)?(?:callFunction|execute) \(/;

/** The stack without the frames by which a worker came to the handler: they are the same for every failure. */
function withoutWorker(stack: string): string {
  const lines = stack.split("\n");
  const first = lines.findIndex((line) => CALLS_HANDLER.test(line) && line.includes(PACKAGE));
  // Nothing but a worker's frames: then they tell something.
  return lines[first - 1]?.startsWith("    at ") ? lines.slice(0, first).join("\n") : stack;
}
