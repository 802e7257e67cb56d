import { hostname } from "node:os";
import { ValidationError } from "../errors/validation-error.ts";
import { type DurationInput, durationMs } from "../model/duration.ts";
import type { IdSource } from "../ports/ids.ts";
import { LOGGER_METHODS, type Logger } from "../ports/logger.ts";
import type { AnyTaskDefinition } from "../queue/define-task.ts";
import type { TaskQueue } from "../queue/task-queue.ts";
import type { BaseStorage } from "../storage/base-storage.ts";
import {
  checkArray,
  checkBoolean,
  checkInteger,
  checkMethods,
  checkOptions,
  checkSpan,
  checkText,
} from "../storage/checks.ts";
import type { Retention } from "./janitor.ts";
import { QueueRotation } from "./queue-rotation.ts";

/** A queue by name, or with a weight beside the others. */
export type QueueOption = string | { readonly name: string; readonly weight?: number };

/** How long what has ended is kept; null for ever. */
export interface RetentionOptions {
  /** Default `"7d"`. */
  readonly succeeded?: DurationInput | null;
  /** Default `"30d"`. */
  readonly failed?: DurationInput | null;
  /** Default `"7d"`. */
  readonly cancelled?: DurationInput | null;
  /** Default `"7d"`. */
  readonly events?: DurationInput | null;
}

/** How a worker works. */
export interface WorkerOptions {
  /** How many tasks run at once. Default 1. */
  readonly concurrency?: number;
  /**
   * How many tasks to claim at most beyond the slots that are free, so that slots need not wait for the store. It adapts:
   * long tasks are never claimed ahead, and what finds no slot is given back. Default: the concurrency; 0 for none.
   */
  readonly prefetch?: number;
  /** Which queues to serve; all, by default. By weight, none starves; see `strict`. */
  readonly queues?: readonly QueueOption[];
  /** Whether the order of `queues` is a precedence: a later one is served only when the earlier are empty. */
  readonly strict?: boolean;
  /** How often to look for due tasks where nothing tells of them. Default `"1s"`. */
  readonly pollInterval?: DurationInput;
  /**
   * How long a task is lost to others once this worker has crashed. Renewed at a third, so a task may run longer.
   * Default `"30s"`.
   */
  readonly lease?: DurationInput;
  /** How long `stop` lets running tasks finish before it aborts and releases them. Default `"30s"`. */
  readonly shutdownTimeout?: DurationInput;
  /** Whether SIGTERM and SIGINT stop the pool. Default false. */
  readonly handleSignals?: boolean;
  /**
   * How long tasks that have ended, and events, are kept; null for ever. Workers remove them, and expired results, in small
   * batches beside their work; `false` leaves that to others.
   */
  readonly retention?: RetentionOptions | false;
  /** Names this worker in leases, events and logs. Default: host, process id and a random part. */
  readonly workerId?: string;
  readonly logger?: Logger;
}

/** How a worker works, and what it works on. */
export interface WorkerPoolOptions extends WorkerOptions {
  /** Where the tasks come from, and which tasks are known. */
  readonly queue?: TaskQueue;
  /**
   * A queue is made over it.
   *
   * @deprecated since 1.0 (OMNIQ_DEP0001): pass `queue: new TaskQueue({ storage })`. It goes in 2.0.
   */
  readonly storage?: BaseStorage;
  /** Tasks to run besides those that are registered with the queue; they are registered with it. */
  readonly tasks?: readonly AnyTaskDefinition[];
}

/** The options, checked and completed. */
export interface WorkerSettings {
  readonly concurrency: number;
  /** How many tasks may be claimed ahead. */
  readonly prefetch: number;
  /** Null for all queues of the store. */
  readonly rotation: QueueRotation | null;
  readonly pollMs: number;
  readonly leaseMs: number;
  readonly shutdownMs: number;
  readonly handleSignals: boolean;
  readonly workerId: string;
  readonly logger: Logger;
  /** Null where this worker removes nothing. */
  readonly retention: Retention | null;
}

/** The names of {@link WorkerOptions}. */
export const WORKER_OPTIONS = [
  "concurrency",
  "prefetch",
  "queues",
  "strict",
  "pollInterval",
  "lease",
  "shutdownTimeout",
  "handleSignals",
  "retention",
  "workerId",
  "logger",
] as const;

/** @throws ValidationError for a bad option */
export function workerSettings(options: WorkerPoolOptions, queue: TaskQueue, ids: IdSource): WorkerSettings {
  checkOptions(options, [...WORKER_OPTIONS, "queue", "storage", "tasks"], "WorkerPool");
  const { concurrency = 1, queues, strict = false, workerId = defaultWorkerId(ids) } = options;
  const { handleSignals = false, logger = queue.logger } = options;
  checkInteger(concurrency, "concurrency", 1, 10_000);
  const prefetch = options.prefetch ?? concurrency;
  checkInteger(prefetch, "prefetch", 0, 10_000);
  checkText(workerId, "workerId", 255);
  checkBoolean(strict, "strict");
  checkBoolean(handleSignals, "handleSignals");
  checkMethods(logger, "logger", LOGGER_METHODS);
  const pollMs = durationMs(options.pollInterval ?? "1s", "pollInterval");
  const leaseMs = durationMs(options.lease ?? "30s", "lease");
  checkSpan(pollMs, "pollInterval", 1);
  checkSpan(leaseMs, "lease", 3);
  return {
    concurrency,
    prefetch,
    rotation: queues === undefined ? null : rotation(queues, strict),
    pollMs,
    leaseMs,
    shutdownMs: durationMs(options.shutdownTimeout ?? "30s", "shutdownTimeout"),
    handleSignals,
    workerId,
    logger,
    retention: retention(options.retention),
  };
}

function retention(option: WorkerOptions["retention"] = {}): Retention | null {
  if (option === false) return null;
  checkOptions(option, ["succeeded", "failed", "cancelled", "events"], "retention");
  const { succeeded = "7d", failed = "30d", cancelled = "7d", events = "7d" } = option;
  const kept = (input: DurationInput | null, name: string): number | null =>
    input === null ? null : durationMs(input, `retention.${name}`);
  return {
    succeeded: kept(succeeded, "succeeded"),
    failed: kept(failed, "failed"),
    cancelled: kept(cancelled, "cancelled"),
    events: kept(events, "events"),
  };
}

function rotation(queues: readonly QueueOption[], strict: boolean): QueueRotation {
  checkArray(queues, "queues");
  const shares = queues.map((queue: QueueOption) =>
    typeof queue === "string" ? { name: queue, weight: 1 } : { weight: 1, ...queue },
  );
  if (shares.length < 1 || shares.length > 1000) {
    throw new ValidationError(
      "invalid_queues",
      `queues names ${shares.length} queues. Name from 1 to 1,000, or leave it out to serve all.`,
      { field: "queues" },
    );
  }
  for (const share of shares) {
    checkOptions(share, ["name", "weight"], "queues");
    checkText(share.name, "queue", 255);
    checkInteger(share.weight, "weight", 1, 1000);
  }
  return new QueueRotation(shares, strict);
}

function defaultWorkerId(ids: IdSource): string {
  return `${hostname()}-${process.pid}-${ids().slice(-6)}`;
}
