import { LeaseLostError, type LeaseLostReason } from "../errors/storage-error.ts";
import { ErrorType, TaskError } from "../errors/task-error.ts";
import { isThenable } from "../model/thenable.ts";
import { type DurationInput, durationMs } from "../model/duration.ts";
import type { FailOutcome, Outcome, RetryOutcome } from "../model/settlement.ts";
import { type LogFields, type Logger, bindLogger } from "../ports/logger.ts";
import { checkStoredPayload } from "../queue/check-payload.ts";
import { decideFailure } from "../queue/decide-failure.ts";
import type { AnyTaskDefinition } from "../queue/define-task.ts";
import { CORRELATION_HEADER, type TaskContext, taskFields } from "../queue/task-context.ts";
import type { TaskQueue } from "../queue/task-queue.ts";
import type { ClaimedTask, Lease } from "../storage/params.ts";
import { type Bagged, PLACE } from "./bag.ts";
import type { Level } from "./guarded-logger.ts";

/** What an execution needs from its worker. */
export interface ExecutionContext {
  readonly queue: TaskQueue;
  readonly workerId: string;
  readonly leaseMs: number;
  readonly logger: Logger;
}

/** Why a worker that shuts down aborts a run. The task is released unharmed. */
export class ShutdownError extends Error {
  override readonly name = "ShutdownError";
}

/** How a handler that snoozes leaves its run. Let it pass: a handler that catches it snoozes all the same. */
export class SnoozeSignal extends Error {
  override readonly name = "SnoozeSignal";
}

/** From so many lost leases on, a task is run with nothing beside it, so that it takes no other down with it. */
const SUSPECT_RECOVERIES = 2;

/** One run of one task, from its claim to its outcome. */
export class Execution implements TaskContext, Bagged {
  readonly task: ClaimedTask;
  [PLACE] = -1;
  readonly #context: ExecutionContext;
  /** Made when somebody asks for the signal: most handlers never do. */
  #controller: AbortController | null = null;
  #abortReason: Error | null = null;
  #logger: Logger | null = null;
  #fields: LogFields | null = null;
  #headers: Readonly<Record<string, string>> | null = null;
  #hasEnded = false;
  /** For how long the handler has given the task back. */
  #snoozeMs: number | null = null;

  constructor(task: ClaimedTask, context: ExecutionContext) {
    this.task = task;
    this.#context = context;
  }

  get taskId(): string {
    return this.task.record.id;
  }

  get name(): string {
    return this.task.record.name;
  }

  get isSuspect(): boolean {
    return this.task.record.recoveries >= SUSPECT_RECOVERIES;
  }

  get queue(): string {
    return this.task.record.queue;
  }

  get run(): number {
    return this.task.record.run;
  }

  get attempt(): number {
    return this.task.record.attempts;
  }

  get failures(): number {
    return this.task.record.failures;
  }

  get workerId(): string {
    return this.#context.workerId;
  }

  get lease(): Lease {
    return this.task.lease;
  }

  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= headersOf(this.task.record.headers);
    return this.#headers;
  }

  get correlationId(): string {
    return this.headers[CORRELATION_HEADER] ?? this.taskId;
  }

  get #loggedFields(): LogFields {
    this.#fields ??= taskFields(this);
    return this.#fields;
  }

  get logger(): Logger {
    this.#logger ??= bindLogger(this.#context.logger, this.#loggedFields);
    return this.#logger;
  }

  /** Records what has become of the run, without a logger of its own for that: most runs need none. */
  log(level: Level, message: string, facts?: LogFields): void {
    const fields = this.#loggedFields;
    this.#context.logger[level](message, facts ? { ...fields, ...facts } : fields);
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#abortReason) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  /** Whether the run's outcome no longer counts, because another holds the task or nobody may. */
  get isLeaseLost(): boolean {
    return this.#abortReason instanceof LeaseLostError;
  }

  /** True for the first outcome only: a handler that comes back after it was given up changes nothing. */
  end(): boolean {
    const isFirst = !this.#hasEnded;
    this.#hasEnded = true;
    return isFirst;
  }

  /** Tells the handler that its lease is lost. */
  loseLease(reason: LeaseLostReason): void {
    this.#abort(new LeaseLostError(this.taskId, reason));
  }

  /** Tells the handler that the worker shuts down. */
  shutDown(): void {
    this.#abort(new ShutdownError("The worker is shutting down"));
  }

  // Functions of their own, since handlers take contexts apart.
  get snooze(): TaskContext["snooze"] {
    return (delay) => this.#snooze(delay);
  }

  get setProgress(): TaskContext["setProgress"] {
    return (progress) => this.#setProgress(progress);
  }

  #snooze(delay: DurationInput): never {
    this.#snoozeMs = durationMs(delay, "delay");
    throw new SnoozeSignal(`Task ${this.taskId} is given back for ${this.#snoozeMs} ms`);
  }

  async #setProgress(progress: unknown): Promise<void> {
    const { queue, leaseMs } = this.#context;
    const { answers } = await queue.storage.renew({ renewals: [{ lease: this.lease, leaseMs, progress }] });
    const answer = answers[0];
    if (answer?.status === "error") throw answer.error;
    if (answer?.status === "lost") this.loseLease(answer.reason);
    if (answer?.status === "gone") this.loseLease("gone");
    if (this.#abortReason instanceof LeaseLostError) throw this.#abortReason;
  }

  /** Runs the handler and says how it ended. */
  async execute(
    call: (payload: unknown) => unknown,
    handleFailure: (thrown: unknown) => Outcome,
    definition: AnyTaskDefinition,
  ): Promise<Outcome> {
    try {
      const stored = this.#context.queue.storage.decodePayload(this.task.record);
      const checked = checkStoredPayload(definition, stored);
      const payload = isThenable(checked) ? await checked : checked;
      const { logger } = this.#context;
      const work = logger.within ? logger.within(this.#loggedFields, () => call(payload)) : call(payload);
      const waited = this.#withTimeout(work);
      const result = isThenable(waited) ? await waited : waited;
      return this.#snoozed() ?? { kind: "complete", result };
    } catch (thrown) {
      if (this.#abortReason instanceof ShutdownError) return { kind: "release", reason: "shutdown" };
      return this.#snoozed() ?? handleFailure(thrown);
    }
  }

  /** What the failure of this run means by default: tried again, or final. */
  failure(thrown: unknown): FailOutcome | RetryOutcome {
    const { queue } = this.#context;
    return decideFailure(this.task.record, thrown, {
      now: queue.clock.now(),
      random: queue.random,
      backoff: queue.definition(this.name)?.backoff ?? null,
      classify: queue.classifyError,
    });
  }

  #snoozed(): Outcome | null {
    if (this.#snoozeMs === null) return null;
    return { kind: "release", reason: "snoozed", due: { inMs: this.#snoozeMs } };
  }

  /** A handler that outlives its timeout counts as failed at once, whether or not it heeds its signal. */
  #withTimeout(work: unknown): unknown {
    const { timeout } = this.task.record;
    if (timeout === null || !isThenable(work)) return work;
    return new Promise((resolve, reject) => {
      const timer = this.#context.queue.clock.setTimer(() => {
        const error = new TaskError({
          errorType: ErrorType.TIMEOUT,
          message: `The run took longer than ${timeout} ms`,
        });
        this.#abort(error);
        reject(error);
      }, timeout);
      void Promise.resolve(work)
        .then(resolve, reject)
        .finally(() => timer.cancel());
    });
  }

  #abort(reason: Error): void {
    if (this.#abortReason) return;
    this.#abortReason = reason;
    this.#controller?.abort(reason);
  }
}

/** Headers that cannot be read are none: the run must not be lost for them. */
function headersOf(text: string | null): Readonly<Record<string, string>> {
  if (text === null) return {};
  try {
    return JSON.parse(text) as Readonly<Record<string, string>>;
  } catch {
    return {};
  }
}
