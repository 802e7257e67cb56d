import { ClosedError } from "../errors/storage-error.ts";
import type { Outcome } from "../model/settlement.ts";
import type { AnyTaskDefinition } from "../queue/define-task.ts";
import type { ClaimedTask, SettleAnswer } from "../storage/params.ts";
import { Alarm } from "./alarm.ts";
import { Bag } from "./bag.ts";
import { Execution, type ExecutionContext } from "./execution.ts";
import { logSettled, logUnsettled } from "./log-outcome.ts";
import { type Ended, Outcomes } from "./outcomes.ts";
import { Outage } from "./outage.ts";
import { Prefetch } from "./prefetch.ts";
import { Signal } from "./signal.ts";
import { Suspect } from "./suspect.ts";
import { Trips } from "./trips.ts";
import type { UnknownTasks } from "./unknown-tasks.ts";
import type { WorkerSettings } from "./worker-options.ts";

export interface WorkerLoopOptions {
  readonly context: ExecutionContext;
  readonly settings: WorkerSettings;
  readonly unknown: UnknownTasks;
  /** Runs a task. */
  readonly execute: (execution: Execution, definition: AnyTaskDefinition) => Promise<Outcome>;
  /** Takes so many tasks at most, and ends when no more are due. Left out: goes on until it is told to drain. */
  readonly limit?: number;
}

/**
 * Settles what has ended and claims what there is room for, in one trip; sleeps until a task ends, a hint comes,
 * something falls due, or the poll interval is over.
 *
 * Where the store is behind a wire, a second trip may be under way beside the first, each with its half of the slots, so
 * that the store works while this process does. It is made only where it has enough to carry.
 */
export class WorkerLoop {
  /** How many tasks it has run. */
  ran = 0;
  readonly #options: WorkerLoopOptions;
  readonly #untilIdle: boolean;
  /** How many more tasks it may take. */
  #budget: number;
  /** Every task that it holds: running, waiting for a slot, ended but not settled, or waiting to run alone. */
  readonly #held = new Bag<Execution>();
  readonly #isRemote: boolean;
  readonly #prefetch: Prefetch;
  readonly #trips: Trips;
  /** Claimed ahead, in order; each starts when a slot is free. */
  #waiting: Execution[] = [];
  #running = 0;
  /** Whether the last claim brought as much as was asked for. */
  #isPlenty = false;
  #isFinished = false;
  readonly #outcomes: Outcomes;
  #suspect: Suspect | null = null;
  readonly #alarm: Alarm;
  readonly #wake = new Signal();
  /** Raised when there may be something for the second trip. */
  readonly #help = new Signal();
  #draining = false;
  /** Whether the time to hand outcomes to a failing store is over. */
  #givingUp = false;
  readonly #outage: Outage;
  /** Why it ends before its time; only where it runs until nothing is due. */
  #failure: { readonly error: unknown } | null = null;

  constructor(options: WorkerLoopOptions) {
    this.#options = options;
    this.#untilIdle = options.limit !== undefined;
    this.#budget = options.limit ?? Number.MAX_SAFE_INTEGER;
    this.#alarm = new Alarm(options.context.queue, options.settings, () => this.rouse());
    this.#outage = new Outage(this.#alarm, (error) => this.#failed(error));
    this.#outcomes = new Outcomes(options.context);
    this.#isRemote = options.context.queue.storage.capabilities.remote;
    this.#prefetch = new Prefetch(options.settings.prefetch);
    this.#trips = new Trips(options.settings.concurrency, this.#prefetch, this.#isRemote);
  }

  get held(): Pick<Bag<Execution>, "size" | "all"> {
    return this.#held;
  }

  /** Resolves once it was told to drain and holds nothing, or once nothing more is due. */
  async run(): Promise<void> {
    await Promise.all(this.#isRemote ? [this.#lead(), this.#assist()] : [this.#lead()]);
  }

  /** Makes a trip whenever there is something to do, and decides when it is time to sleep, and when all is over. */
  async #lead(): Promise<void> {
    for (;;) {
      const mayBeMore = await this.#turn();
      if (this.#failure || this.#isOver(mayBeMore)) return this.#finish();
      if (!mayBeMore && !this.#untilIdle)
        await this.#alarm.setForNextDue().catch((error: unknown) => this.#failed(error));
      await this.#wake.wait();
      this.#alarm.cancel();
    }
  }

  /** Makes a trip beside one that is under way, where there is enough to do. */
  async #assist(): Promise<void> {
    while (!this.#isFinished) {
      if (this.#trips.count > 0 && this.#isWorthASecondTrip()) {
        await this.#turn();
        // The other may have found no room meanwhile, and sleeps until it is told that there is. After a failure there is a
        // pause to keep.
        if (!this.#outage.isOn) this.rouse();
      }
      await this.#help.wait();
    }
  }

  #isWorthASecondTrip(): boolean {
    if (this.#outage.isOn || this.#outcomes.isSearching) return false;
    const ended = this.#outcomes.count;
    return ended + (this.#isPlenty ? this.#room(ended) : 0) >= this.#trips.most;
  }

  #finish(): void {
    this.#isFinished = true;
    this.rouse();
    if (this.#failure) throw this.#failure.error;
  }

  /** Looks for due tasks now. */
  rouse(): void {
    this.#wake.raise(this.#held.size === 0 && this.#trips.count === 0);
    this.#help.raise();
  }

  /** Claims no more, gives back what was claimed ahead, and ends when the running tasks have. */
  drain(): void {
    this.#draining = true;
    this.giveBackWaiting();
    this.rouse();
  }

  /** Gives back tasks that were claimed ahead and have found no slot, and one that has waited too long to run alone. */
  giveBackWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const execution of waiting) this.#end(execution, { kind: "release", reason: "not_started" });
    const outcome = this.#suspect?.release(this.#now(), this.#options.settings.leaseMs);
    if (outcome && this.#suspect) this.#end(this.#suspect.execution, outcome);
  }

  /** Tells every handler that the worker shuts down. */
  abortAll(): void {
    for (const execution of this.#held.all()) execution.shutDown();
  }

  /** Gives back what did not end in time, whether or not its handler still runs. */
  releaseAll(): void {
    this.#givingUp = true;
    for (const execution of this.#held.all()) this.#end(execution, { kind: "release", reason: "shutdown" });
    this.rouse();
  }

  #isOver(mayBeMore: boolean): boolean {
    if (this.#held.size > 0 || this.#trips.count > 0) return false;
    return this.#draining || (this.#untilIdle && (this.#budget === 0 || !mayBeMore));
  }

  /** Settles and claims once. False where there was room left, so that the loop may sleep until something is due. */
  async #turn(): Promise<boolean> {
    const mayClaim = this.#outage.isOn && !this.#draining ? await this.#outage.mayClaim() : true;
    if (this.#failure) return true;
    const isSearching = this.#outcomes.isSearching;
    const ended = this.#outcomes.take();
    const room = isSearching || !mayClaim ? 0 : this.#room(ended.length);
    const limit = Math.min(room, this.#trips.most);
    if (ended.length === 0 && limit === 0) return true;
    const load = { settles: ended.length, claims: limit };
    this.#trips.begin(load);
    this.#help.raise();
    const { rotation, leaseMs, workerId } = this.#options.settings;
    const dequeue = { limit, workerId, leaseMs, ...(rotation && { queues: rotation.next(limit) }) };
    const settlements = ended.map(({ execution, outcome }) => ({ task: execution.task, outcome }));
    try {
      const { storage } = this.#options.context.queue;
      const { tasks, answers } = await storage.exchange({ settle: { settlements }, dequeue });
      // The loop has ended meanwhile, for a failure: what came is left to its lease.
      if (this.#isFinished) return true;
      this.#outage.end();
      this.#outcomes.stored();
      if (isSearching) this.rouse();
      ended.forEach((one, index) => this.#settled(one, answers[index] as SettleAnswer));
      const isFull = tasks.length >= limit;
      if (limit > 0) this.#prefetch.observe({ isFull, waiting: this.#waiting.length });
      for (const task of tasks) this.#take(task);
      this.#startWaiting();
      this.#startSuspect();
      if (limit === 0) return true;
      this.#isPlenty = isFull;
      // There may be more for the rest of the room.
      if (isFull && limit < room) this.rouse();
      return isFull;
    } catch (error) {
      if (limit > 0) this.#outage.claimFailed();
      if (await this.#outcomes.putBack(ended, error, this.#outage.isOn)) this.rouse();
      else this.#failed(error);
      return true;
    } finally {
      this.#trips.end(load);
    }
  }

  /** How many tasks may be claimed, once so many of the held ones are settled. */
  #room(settling: number): number {
    if (this.#draining || this.#suspect) return 0;
    return this.#trips.room(this.#held.size, settling, this.#budget);
  }

  #take(task: ClaimedTask): void {
    const execution = new Execution(task, this.#options.context);
    this.#held.add(execution);
    this.#budget--;
    if (!execution.isSuspect || this.#options.settings.concurrency === 1) this.#waiting.push(execution);
    else if (this.#suspect) this.#end(execution, { kind: "release", reason: "suspect" });
    else this.#suspect = new Suspect(execution, this.#now());
  }

  /** Gives the tasks that wait the slots that are free. */
  #startWaiting(): void {
    const free = this.#options.settings.concurrency - this.#running;
    if (free <= 0 || this.#waiting.length === 0) return;
    for (const execution of this.#waiting.splice(0, free)) this.#run(execution);
  }

  /** Runs the suspect once nothing else is held. */
  #startSuspect(): void {
    const suspect = this.#suspect;
    if (!suspect || suspect.isStarted || this.#held.size > 1) return;
    suspect.isStarted = true;
    if (this.#draining) this.#end(suspect.execution, { kind: "release", reason: "shutdown" });
    else this.#run(suspect.execution);
  }

  #run(execution: Execution): void {
    const { context, unknown, execute } = this.#options;
    const definition = context.queue.definition(execution.name);
    if (!definition) {
      this.#end(execution, unknown.release(execution.name));
      return;
    }
    this.#running++;
    this.ran++;
    const startedAt = this.#now();
    const ended = (outcome: Outcome): void => {
      this.#running--;
      this.#prefetch.ran(this.#now() - startedAt);
      this.#end(execution, outcome);
      this.#startWaiting();
    };
    execute(execution, definition).then(ended, (thrown: unknown) => ended(execution.failure(thrown)));
  }

  #now(): number {
    return this.#options.context.queue.clock.now();
  }

  #end(execution: Execution, outcome: Outcome): void {
    if (!execution.end()) return;
    this.#outcomes.add(execution, outcome);
    this.rouse();
  }

  #settled(ended: Ended, answer: SettleAnswer): void {
    const { execution } = ended;
    if (answer.status === "error" && this.#outcomes.replace(ended, answer.error)) return this.rouse();
    this.#held.delete(execution);
    if (this.#suspect?.execution === execution) {
      this.#suspect = null;
      this.rouse();
    }
    if (answer.status === "settled") logSettled(execution, answer.outcome);
    else logUnsettled(execution, answer);
  }

  /** The store failed: tries again after a pause that grows, until the pool is told to stop and its time is over. */
  #failed(error: unknown): void {
    const { logger } = this.#options.context;
    if (this.#untilIdle) {
      this.#failure = { error };
      return;
    }
    if (this.#givingUp || error instanceof ClosedError) {
      logger.error("The store failed while the worker stopped; its leases lapse", {
        tasks: this.#held.size,
        error,
      });
      this.#draining = true;
      this.#held.clear();
      return;
    }
    if (!this.#outage.isOn) logger.warn("The store failed; trying again", { error });
    this.#alarm.setIn(this.#outage.goOn());
  }
}
