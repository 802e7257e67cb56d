import { type LogFields, ValidationError } from "@omniq/core";
import { activeLog } from "./active-log.ts";
import { correlationInForce, within } from "./context.ts";
import { Facts } from "./flat-fields.ts";
import { ContextLogger, type OmniQLogger } from "./logger.ts";

/** What {@link taskContext} gives where it is given no work to run. */
export interface TaskLog extends OmniQLogger, Disposable {
  /** Records the failure, with how long it took. Leaving the block then records nothing more. */
  fail(error: unknown): void;
}

const NAME = "omniq.task";

/**
 * Logs an operation on a task: that it started, and how it ended after how long. Every record of it carries `task_id`,
 * `operation`, `correlation_id` and `start_time`, those at the end also `duration`, in seconds.
 *
 * With `work`, records of any logger that `work` causes carry them too. An error is recorded and thrown on, the same one.
 *
 * ```ts
 * const total = await taskContext("task-123", "add up", async (log) => {
 *   log.info("Adding %d numbers", numbers.length);
 *   return sum(numbers);
 * });
 * ```
 *
 * Without, it gives a logger to be disposed of, which cannot see whether the block threw: tell it by `fail`.
 *
 * ```ts
 * using log = taskContext("task-123", "add up");
 * ```
 */
export function taskContext(taskId: string, operation: string): TaskLog;
export function taskContext<T>(taskId: string, operation: string, work: (log: OmniQLogger) => T): T;
export function taskContext<T>(
  taskId: string,
  operation: string,
  work?: (log: OmniQLogger) => T,
): T | TaskLog {
  if (work !== undefined && typeof work !== "function") {
    const message = "The work that taskContext is to log must be a function.";
    throw new ValidationError("invalid_work", message, { field: "work" });
  }
  const log = new OperationLog(taskId, operation);
  log.info(`${operation} started`);
  if (!work) return log;
  return within(log.facts, () => {
    try {
      const result = work(log);
      if (!isPromise(result)) return log.completed(result);
      return result.then(
        (value) => log.completed(value),
        (error: unknown) => log.failed(error),
      ) as T;
    } catch (error) {
      return log.failed(error);
    }
  });
}

/**
 * A logger whose records carry the task, its correlation id (the one in force here, or the task's id), and whatever else
 * is given, under the caller's own keys.
 */
export function bindTask(taskId: string, fields?: LogFields): OmniQLogger;
export function bindTask(fields: LogFields): OmniQLogger;
export function bindTask(taskIdOrFields: string | LogFields, fields: LogFields = {}): OmniQLogger {
  activeLog();
  if (typeof taskIdOrFields !== "string") return new ContextLogger(NAME, [new Facts(taskIdOrFields)]);
  return new ContextLogger(NAME, [new Facts({ ...identity(taskIdOrFields), ...fields })]);
}

function identity(taskId: string): LogFields {
  return { task_id: taskId, correlation_id: correlationInForce() ?? taskId };
}

class OperationLog extends ContextLogger implements TaskLog {
  readonly facts: Facts;
  readonly #operation: string;
  readonly #startedAt: number;
  #hasEnded = false;

  constructor(taskId: string, operation: string) {
    const startedAt = activeLog().now();
    const start_time = new Date(startedAt).toISOString();
    const facts = new Facts({ ...identity(taskId), operation, start_time });
    super(NAME, [facts]);
    this.facts = facts;
    this.#operation = operation;
    this.#startedAt = startedAt;
  }

  completed<T>(value: T): T {
    this.info(`${this.#operation} completed`, this.#duration());
    return value;
  }

  failed(error: unknown): never {
    this.fail(error);
    // The very thing that was thrown goes on.
    throw error;
  }

  fail(error: unknown): void {
    this.#hasEnded = true;
    const duration = this.#duration();
    this.error(`${this.#operation} failed after ${duration.duration} s`, {
      ...duration,
      error: error instanceof Error ? error : String(error),
    });
  }

  [Symbol.dispose](): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.info(`${this.#operation} ended`, this.#duration());
  }

  #duration(): { readonly duration: number } {
    return { duration: Math.max(0, activeLog().now() - this.#startedAt) / 1000 };
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as Partial<Promise<unknown>> | null | undefined)?.then === "function";
}
