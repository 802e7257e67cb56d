import { ClosedError } from "../errors/storage-error.ts";
import { type DurationInput, durationMs } from "../model/duration.ts";
import type { Outcome } from "../model/settlement.ts";
import type { Timer } from "../ports/clock.ts";
import { uuidV7 } from "../ports/ids.ts";
import { bindLogger } from "../ports/logger.ts";
import type { TaskQueue } from "../queue/task-queue.ts";
import type { ClaimedTask, SettleAnswer, Watch } from "../storage/params.ts";
import { Execution, type ExecutionContext } from "./execution.ts";
import { Janitor } from "./janitor.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import { logSettled, logUnsettled } from "./log-outcome.ts";
import { StartStop } from "./start-stop.ts";
import { UnknownTasks } from "./unknown-tasks.ts";
import { type WorkerPoolOptions, type WorkerSettings, workerSettings } from "./worker-options.ts";

/** From so many lost leases on, a task is run with nothing beside it, so that it takes no other down with it. */
const SUSPECT_RECOVERIES = 2;
/** How long aborted handlers may take to come to an end before their tasks are released. */
const ABORT_GRACE_MS = 1000;
/** So that a due time which a claim cannot serve is no reason to spin. */
const MIN_SLEEP_MS = 5;
const MIN_OUTAGE_PAUSE_MS = 100;
const MAX_OUTAGE_PAUSE_MS = 5000;

/** An outcome on its way to the store. */
interface Ended {
  readonly execution: Execution;
  readonly outcome: Outcome;
}

/**
 * Runs tasks. One loop settles what has ended and claims what there is room for, in one trip; it sleeps until a
 * task ends, a hint comes, something falls due, or the poll interval is over.
 *
 * The pool never holds more tasks than it has slots. Its leases are renewed as long as it lives; if it dies,
 * they lapse, and another worker takes the tasks over.
 */
export class WorkerPool {
  readonly queue: TaskQueue;
  readonly settings: WorkerSettings;
  readonly #context: ExecutionContext;
  readonly #startStop: StartStop;
  readonly #keeper: LeaseKeeper;
  readonly #unknown: UnknownTasks;
  readonly #janitor: Janitor | null;
  /** Every task that this pool holds: running, ended but not settled, or waiting to run alone. */
  readonly #held = new Set<Execution>();
  #ended: Ended[] = [];
  /** A task that waits to run alone, or does. */
  #suspect: { readonly execution: Execution; started: boolean } | null = null;
  #wake = Promise.withResolvers<void>();
  #timer: Timer | null = null;
  #watch: Watch | null = null;
  #loop: Promise<void> | null = null;
  #draining = false;
  /** Whether the time to hand outcomes to a failing store is over. */
  #givingUp = false;
  #outagePauseMs = 0;
  #shutdownMs: number;

  /** @throws TypeError, ValidationError for a bad option */
  constructor(options: WorkerPoolOptions) {
    this.settings = workerSettings(options, uuidV7);
    this.queue = options.queue;
    const { workerId, leaseMs, shutdownMs } = this.settings;
    const logger = bindLogger(this.settings.logger, { worker: workerId });
    this.#shutdownMs = shutdownMs;
    this.#context = { queue: this.queue, workerId, logger };
    this.#keeper = new LeaseKeeper(this.queue, leaseMs, () => this.#held, logger);
    this.#unknown = new UnknownTasks(logger);
    const { storage, clock } = this.queue;
    const { retention } = this.settings;
    this.#janitor = retention && new Janitor(storage, clock, retention, logger);
    this.#startStop = new StartStop({ start: () => this.#start(), stop: () => this.#stop() });
  }

  get workerId(): string {
    return this.settings.workerId;
  }

  get concurrency(): number {
    return this.settings.concurrency;
  }

  /** How many tasks the pool holds at this moment. */
  get running(): number {
    return this.#held.size;
  }

  /** Begins to work. Resolves when polling has begun. Idempotent. */
  start(): Promise<void> {
    return this.#startStop.start();
  }

  /** Starts, and resolves when the pool has been stopped. */
  async run(): Promise<void> {
    await this.start();
    await this.#startStop.stopped;
  }

  /**
   * Claims no more, lets running tasks finish, and after the timeout aborts and releases them, which burns none
   * of their attempts. Idempotent.
   *
   * @param options.timeout how long they may take; default: the pool's `shutdownTimeout`.
   */
  stop(options: { readonly timeout?: DurationInput } = {}): Promise<void> {
    if (options.timeout !== undefined) this.#shutdownMs = durationMs(options.timeout, "timeout");
    return this.#startStop.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #start(): Promise<void> {
    await this.queue.storage.open();
    this.#watch = await this.queue.storage.watch(() => this.#rouse());
    if (this.settings.handleSignals) {
      process.once("SIGTERM", this.#onSignal);
      process.once("SIGINT", this.#onSignal);
    }
    this.#keeper.start();
    this.#janitor?.start();
    this.#loop = this.#work();
  }

  async #stop(): Promise<void> {
    this.#draining = true;
    this.#rouse();
    const { clock } = this.queue;
    const abort = clock.setTimer(() => this.#abortAll(), this.#shutdownMs);
    const release = clock.setTimer(() => this.#releaseAll(), this.#shutdownMs + ABORT_GRACE_MS);
    try {
      await this.#loop;
    } finally {
      abort.cancel();
      release.cancel();
      this.#keeper.stop();
      await this.#janitor?.stop();
      process.off("SIGTERM", this.#onSignal);
      process.off("SIGINT", this.#onSignal);
      await this.#watch?.close();
    }
  }

  readonly #onSignal = (): void => {
    void this.stop().catch((error: unknown) =>
      this.#context.logger.error("The worker did not stop cleanly", { error }),
    );
  };

  /** The loop. It ends once the pool is draining and holds nothing. */
  async #work(): Promise<void> {
    for (;;) {
      const woken = this.#wake.promise;
      const mayBeMore = await this.#turn();
      if (this.#draining && this.#held.size === 0) return;
      if (!mayBeMore) await this.#setTimerForNextDue();
      await woken;
      this.#timer?.cancel();
      // Gathers everything that ends in the same turn of the event loop, and lets timers and I/O in.
      await new Promise((resolve) => setImmediate(resolve));
      this.#wake = Promise.withResolvers();
    }
  }

  /** Settles and claims once. False where there was room left, so that the loop may sleep until something is due. */
  async #turn(): Promise<boolean> {
    const ended = this.#ended;
    this.#ended = [];
    const limit = this.#room(ended.length);
    if (ended.length === 0 && limit === 0) return true;
    const { rotation, leaseMs } = this.settings;
    const dequeue = {
      limit,
      workerId: this.workerId,
      leaseMs,
      ...(rotation && { queues: rotation.next(limit) }),
    };
    const settlements = ended.map(({ execution, outcome }) => ({ task: execution.task, outcome }));
    try {
      const { tasks, answers } = await this.queue.storage.exchange({ settle: { settlements }, dequeue });
      this.#outagePauseMs = 0;
      for (const [index, { execution }] of ended.entries())
        this.#settled(execution, answers[index] as SettleAnswer);
      for (const task of tasks) this.#take(task);
      this.#startSuspect();
      return limit === 0 || tasks.length >= limit;
    } catch (error) {
      // What could not be settled is settled at the next turn: an outcome that comes twice is recognised.
      this.#ended = [...ended, ...this.#ended];
      this.#outage(error);
      return true;
    }
  }

  /** How many tasks may be claimed, once so many of the held ones are settled. */
  #room(settling: number): number {
    if (this.#draining || this.#suspect) return 0;
    return this.concurrency - (this.#held.size - settling);
  }

  #take(task: ClaimedTask): void {
    const execution = new Execution(task, this.#context);
    this.#held.add(execution);
    const isSuspect = task.record.recoveries >= SUSPECT_RECOVERIES && this.concurrency > 1;
    if (!isSuspect) this.#run(execution);
    else if (this.#suspect) this.#end(execution, { kind: "release", reason: "suspect" });
    else this.#suspect = { execution, started: false };
  }

  /** Runs the suspect once nothing else is held. */
  #startSuspect(): void {
    const suspect = this.#suspect;
    if (!suspect || suspect.started || this.#held.size > 1) return;
    suspect.started = true;
    if (this.#draining) this.#end(suspect.execution, { kind: "release", reason: "shutdown" });
    else this.#run(suspect.execution);
  }

  #run(execution: Execution): void {
    const definition = this.queue.definition(execution.name);
    if (definition) void execution.execute(definition).then((outcome) => this.#end(execution, outcome));
    else this.#end(execution, this.#unknown.release(execution.name));
  }

  #end(execution: Execution, outcome: Outcome): void {
    if (!execution.end()) return;
    this.#ended.push({ execution, outcome });
    this.#rouse();
  }

  #settled(execution: Execution, answer: SettleAnswer): void {
    this.#held.delete(execution);
    if (this.#suspect?.execution === execution) {
      this.#suspect = null;
      this.#rouse();
    }
    if (answer.status === "settled") logSettled(execution, answer.outcome);
    else logUnsettled(execution, answer);
  }

  /** Sleeps no longer than until something falls due, and never longer than the poll interval. */
  async #setTimerForNextDue(): Promise<void> {
    const { pollMs, rotation } = this.settings;
    try {
      const { now, at } = await this.queue.storage.nextDue(rotation ? { queues: rotation.names } : {});
      const delayMs = at === null ? pollMs : Math.min(Math.max(at - now, MIN_SLEEP_MS), pollMs);
      this.#timer = this.queue.clock.setTimer(() => this.#rouse(), delayMs);
    } catch (error) {
      this.#outage(error);
    }
  }

  #rouse(): void {
    this.#wake.resolve();
  }

  /** The store failed: tries again after a pause that grows, until the pool is told to stop and its time is over. */
  #outage(error: unknown): void {
    const { logger } = this.#context;
    if (this.#givingUp || error instanceof ClosedError) {
      logger.error("The store failed while the worker stopped; its leases lapse", {
        tasks: this.#held.size,
        error,
      });
      this.#draining = true;
      this.#held.clear();
      return;
    }
    if (this.#outagePauseMs === 0) logger.warn("The store failed; trying again", { error });
    this.#outagePauseMs = Math.min(
      Math.max(this.#outagePauseMs * 2, MIN_OUTAGE_PAUSE_MS),
      MAX_OUTAGE_PAUSE_MS,
    );
    this.#timer?.cancel();
    this.#timer = this.queue.clock.setTimer(() => this.#rouse(), this.#outagePauseMs);
  }

  #abortAll(): void {
    for (const execution of this.#held) execution.shutDown();
  }

  /** Gives back what did not end in time, whether or not its handler still runs. */
  #releaseAll(): void {
    this.#givingUp = true;
    for (const execution of this.#held) this.#end(execution, { kind: "release", reason: "shutdown" });
    this.#rouse();
  }
}
