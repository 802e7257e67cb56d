import { StorageError } from "../errors/storage-error.ts";
import { type DurationInput, durationMs } from "../model/duration.ts";
import { Interval } from "../model/interval.ts";
import type { FailOutcome, Outcome, RetryOutcome } from "../model/settlement.ts";
import { uuidV7 } from "../ports/ids.ts";
import { guardedLogger } from "./guarded-logger.ts";
import { bindLogger } from "../ports/logger.ts";
import type { AnyTaskDefinition } from "../queue/define-task.ts";
import type { TaskContext } from "../queue/task-context.ts";
import type { TaskQueue } from "../queue/task-queue.ts";
import { checkInteger, checkOptions } from "../storage/checks.ts";
import type { Watch } from "../storage/params.ts";
import type { Execution, ExecutionContext } from "./execution.ts";
import { Janitor } from "./janitor.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import { StartStop } from "./start-stop.ts";
import { UnknownTasks } from "./unknown-tasks.ts";
import { WorkerLoop } from "./worker-loop.ts";
import { type WorkerPoolOptions, type WorkerSettings, workerSettings } from "./worker-options.ts";
import { queueOf } from "./worker-queue.ts";

/** How long aborted handlers may take to come to an end before their tasks are released. */
const ABORT_GRACE_MS = 1000;
const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * Runs tasks: claims what there is room for, runs it, and settles it. Leases are renewed as long as the pool lives;
 * if it dies, they lapse, and another worker takes the tasks over.
 *
 * A subclass may put something around every run ({@link executeTask}), around the handler alone
 * ({@link callFunction}), or decide what a failure means ({@link handleFailure}).
 */
export class WorkerPool {
  readonly queue: TaskQueue;
  readonly settings: WorkerSettings;
  readonly #context: ExecutionContext;
  readonly #startStop: StartStop;
  readonly #unknown: UnknownTasks;
  readonly #janitor: Janitor | null;
  readonly #loop: WorkerLoop;
  readonly #keeper: LeaseKeeper;
  /** The loops of {@link processTasks}, each with its end. */
  readonly #batches = new Map<WorkerLoop, Promise<void>>();
  #watch: Watch | null = null;
  #finished: Promise<void> | null = null;
  #shutdownMs: number;

  /** @throws TypeError, ValidationError for a bad option */
  constructor(options: WorkerPoolOptions) {
    this.queue = queueOf(options, new.target);
    this.settings = workerSettings(options, this.queue, uuidV7);
    const { workerId, leaseMs, shutdownMs, retention } = this.settings;
    const logger = guardedLogger(bindLogger(this.settings.logger, { worker: workerId }));
    this.#shutdownMs = shutdownMs;
    this.#context = { queue: this.queue, workerId, leaseMs, logger };
    this.#unknown = new UnknownTasks(logger);
    this.#loop = this.#newLoop();
    this.#keeper = this.#newKeeper(this.#loop);
    const { storage, clock } = this.queue;
    this.#janitor = retention && new Janitor(storage, clock, retention, logger);
    this.#startStop = new StartStop({ start: () => this.#start(), stop: () => this.#stop() });
  }

  get workerId(): string {
    return this.settings.workerId;
  }

  get concurrency(): number {
    return this.settings.concurrency;
  }

  /** How often the pool looks for due tasks where nothing tells of them. */
  get pollInterval(): Interval {
    return new Interval(this.settings.pollMs);
  }

  /** How many tasks the pool holds at this moment. */
  get running(): number {
    return [this.#loop, ...this.#batches.keys()].reduce((sum, { held }) => sum + held.size, 0);
  }

  /** Begins to work. Resolves when polling has begun. Idempotent. @throws StorageError `worker_stopped` after a stop */
  async start(): Promise<void> {
    const { state } = this.#startStop;
    if (state === "stopping" || state === "stopped")
      throw new StorageError(
        "worker_stopped",
        "This worker was stopped, and does not start again: make a new one.",
      );
    await this.#startStop.start();
  }

  /** Starts, and resolves when the pool has been stopped. */
  async run(): Promise<void> {
    await this.start();
    await this.#startStop.stopped;
  }

  /**
   * Claims no more, lets running tasks finish, and after the timeout aborts and releases them, which burns none
   * of their attempts; {@link processTasks} then resolves as well. Idempotent.
   *
   * @param options.timeout how long they may take; default: the pool's `shutdownTimeout`.
   */
  async stop(options: { readonly timeout?: DurationInput } = {}): Promise<void> {
    checkOptions(options, ["timeout"], "stop");
    if (options.timeout !== undefined) this.#shutdownMs = durationMs(options.timeout, "timeout");
    // How a batch fails is for whoever began it to hear.
    const batches = [...this.#batches].map(([loop, end]) => this.#wind(loop, end).catch(() => {}));
    await Promise.all([this.#startStop.stop(), ...batches]);
  }

  /**
   * Runs tasks until none is due, or `limit` have been run, and resolves to how many it ran. It needs no {@link start}:
   * scripts, tests and cron jobs that run a batch and end use it alone. What is due later, a retry for instance, stays.
   *
   * @throws StorageError where the store fails meanwhile; the leases of what it held then lapse.
   */
  async processTasks(options: { readonly limit?: number } = {}): Promise<number> {
    checkOptions(options, ["limit"], "processTasks");
    const { limit = Number.MAX_SAFE_INTEGER } = options;
    checkInteger(limit, "limit", 1, Number.MAX_SAFE_INTEGER);
    const loop = this.#newLoop(limit);
    const keeper = this.#newKeeper(loop);
    keeper.start();
    this.#hearSignals();
    try {
      const end = loop.run();
      this.#batches.set(loop, end);
      await end;
    } finally {
      this.#batches.delete(loop);
      this.#ignoreSignals();
      keeper.stop();
    }
    return loop.ran;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Runs one task and says how it ended. What it throws counts as a failure of the task. */
  protected executeTask(context: TaskContext, definition: AnyTaskDefinition): Promise<Outcome> {
    // Named: a traceback ends above it.
    const callFunction = (payload: unknown): unknown => this.callFunction(definition, payload, context);
    return (context as Execution).execute(
      callFunction,
      (thrown) => this.handleFailure(thrown, context),
      definition,
    );
  }

  /** Calls the task's handler. What it returns, or resolves to, is the task's result. */
  protected callFunction(definition: AnyTaskDefinition, payload: unknown, context: TaskContext): unknown {
    return definition.run(payload as never, context);
  }

  /** Whether a failed run is tried again, and when. */
  protected handleFailure(thrown: unknown, context: TaskContext): FailOutcome | RetryOutcome {
    return (context as Execution).failure(thrown);
  }

  /** What a hook of a subclass throws counts as what it rejects. */
  #execute(execution: Execution, definition: AnyTaskDefinition): Promise<Outcome> {
    try {
      return Promise.resolve(this.executeTask(execution, definition));
    } catch (thrown) {
      return rejected(thrown);
    }
  }

  #newLoop(limit?: number): WorkerLoop {
    return new WorkerLoop({
      context: this.#context,
      settings: this.settings,
      unknown: this.#unknown,
      // Async, so that an override that throws at once is a failed run like any other.
      execute: (execution, definition) => this.#execute(execution, definition),
      ...(limit !== undefined && { limit }),
    });
  }

  #newKeeper(loop: WorkerLoop): LeaseKeeper {
    return new LeaseKeeper(this.queue, this.settings.leaseMs, loop, this.#context.logger);
  }

  async #start(): Promise<void> {
    await this.queue.storage.open();
    this.#watch = await this.queue.storage.watch(() => this.#loop.rouse());
    this.#hearSignals();
    this.#keeper.start();
    this.#janitor?.start();
    this.#finished = this.#loop.run();
  }

  async #stop(): Promise<void> {
    try {
      await this.#wind(this.#loop, this.#finished);
    } finally {
      this.#keeper.stop();
      await this.#janitor?.stop();
      this.#ignoreSignals();
      await this.#watch?.close();
    }
  }

  /** Brings a loop to its end. */
  async #wind(loop: WorkerLoop, end: Promise<void> | null): Promise<void> {
    loop.drain();
    const { clock } = this.queue;
    const abort = clock.setTimer(() => loop.abortAll(), this.#shutdownMs);
    const release = clock.setTimer(() => loop.releaseAll(), this.#shutdownMs + ABORT_GRACE_MS);
    try {
      await end;
    } finally {
      abort.cancel();
      release.cancel();
    }
  }

  #hearSignals(): void {
    if (!this.settings.handleSignals) return;
    for (const signal of SIGNALS) process.once(signal, this.#onSignal);
  }

  #ignoreSignals(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }

  readonly #onSignal = (): void => {
    void this.stop().catch((error: unknown) =>
      this.#context.logger.error("The worker did not stop cleanly", { error }),
    );
  };
}

async function rejected(reason: unknown): Promise<never> {
  throw reason;
}
