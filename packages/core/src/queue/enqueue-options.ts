import { ValidationError } from "../errors/validation-error.ts";
import { type Due } from "../model/due.ts";
import { type DurationInput, durationMs } from "../model/duration.ts";
import { type Interval, toInterval } from "../model/interval.ts";
import type { Missed } from "../model/recurrence.ts";
import { type RetryOptions, retryPolicy } from "../model/retry-policy.ts";
import type { Keep, TaskPolicies } from "../model/task-policies.ts";
import { checkInstant, checkOptions, checkRecord } from "../storage/checks.ts";
import { EncodedPayload } from "../storage/encoded-payload.ts";
import type { NewRecurrence, NewTask } from "../storage/params.ts";

/** What can be said of a task both where it is defined and where it is enqueued. */
export interface EnqueueDefaults {
  /** Default `default`. */
  readonly queue?: string;
  /** From -32,768 to 32,767; higher goes first. Default 0. */
  readonly priority?: number;
  /** How often a failed run is tried again: N retries are N + 1 executions. Default 3. */
  readonly maxRetries?: number;
  /** How long to wait before each retry. Default: exponential from 1 s to 60 s, with jitter. */
  readonly retry?: RetryOptions;
  /** How long one run may take before it is aborted and counted as failed. Default: no limit. */
  readonly timeout?: DurationInput;
  /** What stays of the task once it has succeeded. Default `all`. */
  readonly keep?: Keep;
  /** How long a result stays readable; null for ever, 0 not at all. Default a day. */
  readonly resultTtl?: DurationInput | null;
  /** How many lost leases a run survives before it counts as failed. Default 3. */
  readonly maxRecoveries?: number;
}

/** What can be said of one task when it is enqueued. */
export interface EnqueueOptions extends EnqueueDefaults {
  /** Enqueueing the same content under the same id again changes nothing. Default: minted. */
  readonly id?: string;
  /** Not before this instant. */
  readonly eta?: Date;
  /** Not before so long from now, by the store's clock. Not together with `eta`. */
  readonly delay?: DurationInput;
  /** Runs again and again, under the same id, with so much time between. */
  readonly interval?: DurationInput | Interval | null;
  /** `after`, the default: an interval after the end of a run. `fixed`: on a grid from the first due time. */
  readonly cadence?: "after" | "fixed";
  /**
   * Runs again and again, under the same id, by the wall clock: `"30 2 * * MON-FRI"`. Five fields, or six with seconds
   * first. Not together with `interval`. `eta` and `delay` say from when on.
   */
  readonly cron?: string | null;
  /** The IANA time zone that `cron` is meant in, such as `Europe/Berlin`. Default `UTC`. */
  readonly timeZone?: string;
  /**
   * What becomes of fixed or cron runs whose time has passed. The run that waits is run, however late, and stands for those
   * whose time passed before it began, unless `all` are wanted. Those whose time passes while a run is in progress are left
   * out (`skip`, the default), made up for by one run (`once`), or run one after the other (`all`).
   */
  readonly missed?: Missed;
  /** Whether a recurring task goes on (the default) or stops after a run has failed for good. */
  readonly onFailure?: "continue" | "stop";
  /** Text that travels with the task, such as a correlation id. */
  readonly headers?: Readonly<Record<string, string>>;
  /** While a live task has this key, no other is created; the live one's id is answered. */
  readonly dedupe?: {
    readonly key: string;
    /** So long after the creation of the live task. Default: as long as it lives. */
    readonly window?: DurationInput;
    /** Whether the live task, if it still waits, takes over the new due time. Default false. */
    readonly debounce?: boolean;
  };
}

/** Where tasks are enqueued. */
export interface ViaOption {
  /**
   * A transaction of the application's, on the database that the store is in: the task exists if and only if what else
   * the transaction writes does, and workers hear of it after the commit. Postgres: a client of pg inside BEGIN, or a
   * transaction of Kysely. SQLite: a handle of better-sqlite3 inside a transaction, or a transaction of Kysely. A transaction
   * of better-sqlite3 that is a function cannot wait, so the store has to be open: `OmniQ.open` opens it, and so does
   * `await storage.open()`.
   */
  readonly via?: object;
}

/** The names of {@link EnqueueDefaults}. */
export const ENQUEUE_DEFAULTS = [
  "queue",
  "priority",
  "maxRetries",
  "retry",
  "timeout",
  "keep",
  "resultTtl",
  "maxRecoveries",
] as const;

/** The names of {@link EnqueueOptions}. */
export const ENQUEUE_OPTIONS = [
  ...ENQUEUE_DEFAULTS,
  "id",
  "eta",
  "delay",
  "interval",
  "cadence",
  "cron",
  "timeZone",
  "missed",
  "onFailure",
  "headers",
  "dedupe",
];

const RECURRENCE_RULES = ["cadence", "missed", "onFailure"] as const;

type Terms = Omit<NewTask, "name" | "payload" | "headers">;

/** What the defaults of a task come to where an enqueue says nothing of its own, as most do. */
const termsOfDefaults = new WeakMap<EnqueueDefaults, Terms>();

/**
 * A task as the store takes it, from what the user wrote.
 *
 * @param headersBelow what the task carries besides, unless `own.headers` says otherwise.
 * @throws ValidationError `unknown_option`, `invalid_eta`, `invalid_duration`, `invalid_delay`, `invalid_retry`
 */
export function newTask(
  name: string,
  payload: unknown,
  defaults: EnqueueDefaults,
  own: EnqueueOptions,
  headersBelow: Readonly<Record<string, string>> | null = null,
): NewTask {
  checkOptions(own, ENQUEUE_OPTIONS, "enqueue");
  if (own.headers !== undefined) checkRecord(own.headers, "headers");
  const headers = headersBelow ? { ...headersBelow, ...own.headers } : own.headers;
  return { name, payload, ...termsUnder(defaults, own), ...(headers !== undefined && { headers }) };
}

/** The options as they are now. @throws ValidationError `invalid_options` */
export function copyOf(options: EnqueueOptions): EnqueueOptions {
  checkRecord(options, "options");
  return { ...options };
}

/** The options but for `via`. They are copied only where it is among them, since that takes longer than all that is in them. */
export function withoutVia(given: EnqueueOptions & ViaOption): EnqueueOptions {
  if (!("via" in given)) return given;
  const { via: _via, ...options } = given;
  return options;
}

/** The characters of the payloads of such tasks. */
export function payloadLength(tasks: readonly NewTask[]): number {
  return tasks.reduce(
    (sum, { payload }) => sum + (payload instanceof EncodedPayload ? payload.text.length : 0),
    0,
  );
}

function termsUnder(defaults: EnqueueDefaults, own: EnqueueOptions): Terms {
  if (Object.keys(own).length > 0) return termsOf({ ...defaults, ...definedOf(own) });
  let terms = termsOfDefaults.get(defaults);
  if (!terms) termsOfDefaults.set(defaults, (terms = termsOf(defaults)));
  return terms;
}

function termsOf(options: EnqueueOptions): Terms {
  const { id, queue, priority, maxRetries, timeout, dedupe } = options;
  if (dedupe !== undefined) checkOptions(dedupe, ["key", "window", "debounce"], "dedupe");
  const recurrence = recurrenceOf(options);
  const policies = policiesOf(options);
  return {
    due: dueOf(options),
    ...(id !== undefined && { id }),
    ...(queue !== undefined && { queue }),
    ...(priority !== undefined && { priority }),
    ...(maxRetries !== undefined && { maxRetries }),
    ...(timeout !== undefined && { timeoutMs: durationMs(timeout, "timeout") }),
    ...(policies && { policies }),
    ...(recurrence && { recurrence }),
    ...(dedupe !== undefined && {
      dedupe: {
        key: dedupe.key,
        ...(dedupe.window !== undefined && { windowMs: durationMs(dedupe.window, "dedupe.window") }),
        ...(dedupe.debounce !== undefined && { debounce: dedupe.debounce }),
      },
    }),
  };
}

function recurrenceOf(options: EnqueueOptions): NewRecurrence | null {
  const {
    cron = null,
    timeZone = "UTC",
    cadence = "after",
    missed = "skip",
    onFailure = "continue",
  } = options;
  const interval = toInterval(options.interval);
  if (options.cron === undefined && options.interval === undefined) {
    for (const field of RECURRENCE_RULES)
      refuseBeside(field, options[field], "only for what recurs: give interval or cron as well");
  }
  if (cron === null) {
    refuseBeside("timeZone", options.timeZone, "only for cron");
    return interval && { everyMs: interval.totalMilliseconds, cadence, missed, onFailure };
  }
  refuseBeside("interval", interval ?? undefined, "given in place of cron, not beside it");
  refuseBeside("cadence", options.cadence, "only for interval");
  return { cron, timeZone, missed, onFailure };
}

function refuseBeside(field: keyof EnqueueOptions, given: unknown, why: string): void {
  if (given === undefined) return;
  throw new ValidationError("invalid_schedule", `${field} is ${why}.`, { field });
}

function dueOf({ eta, delay }: EnqueueOptions): Due {
  if (eta !== undefined && delay !== undefined) {
    throw new ValidationError("invalid_delay", "Give either eta or delay, not both.", { field: "delay" });
  }
  if (delay !== undefined) return { inMs: durationMs(delay, "delay") };
  if (eta === undefined) return { inMs: 0 };
  const at: unknown = eta instanceof Date ? eta.getTime() : eta;
  checkInstant(at, "eta");
  return { at };
}

function policiesOf({ retry, keep, resultTtl, maxRecoveries }: EnqueueOptions): Partial<TaskPolicies> | null {
  if (typeof retry === "object" && retry) checkOptions(retry, ["strategy", "base", "max", "jitter"], "retry");
  const policies: Partial<TaskPolicies> = {
    ...(retry !== undefined && { retry: retryPolicy(retry) }),
    ...(keep !== undefined && { keep }),
    ...(resultTtl !== undefined && {
      resultTtlMs: resultTtl === null ? null : durationMs(resultTtl, "resultTtl"),
    }),
    ...(maxRecoveries !== undefined && { maxRecoveries }),
  };
  return Object.keys(policies).length === 0 ? null : policies;
}

/** An option given as undefined is an option left out. */
export function definedOf<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
