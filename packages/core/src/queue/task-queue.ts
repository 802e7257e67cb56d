import { LeaseLostError, type LeaseLostReason } from "../errors/storage-error.ts";
import { TaskError } from "../errors/task-error.ts";
import type { Outcome } from "../model/settlement.ts";
import { CLOCK_METHODS, type Clock, systemClock } from "../ports/clock.ts";
import { isThenable } from "../model/thenable.ts";
import { LOGGER_METHODS, type Logger, consoleLogger } from "../ports/logger.ts";
import { type Random, systemRandom } from "../ports/random.ts";
import type { BaseStorage } from "../storage/base-storage.ts";
import {
  checkArray,
  checkFunction,
  checkInteger,
  checkMethods,
  checkOptions,
  checkRecord,
} from "../storage/checks.ts";
import type { EncodedPayload } from "../storage/encoded-payload.ts";
import { isStorage } from "../storage/is-storage.ts";
import type * as p from "../storage/params.ts";
import { atItem } from "./at-item.ts";
import type { ErrorClassifier } from "./classify-error.ts";
import { checkPayload } from "./check-payload.ts";
import { decideFailure } from "./decide-failure.ts";
import type { AnyTaskDefinition, TaskDefinition } from "./define-task.ts";
import { idOf, idsOf } from "./enqueue-answers.ts";
import type { EnqueueItem, EnqueueItems, TaskIds, TaskOrName } from "./enqueue-item.ts";
import {
  type EnqueueOptions,
  type ViaOption,
  copyOf,
  newTask,
  payloadLength,
  withoutVia,
} from "./enqueue-options.ts";
import { Gatherer } from "./gatherer.ts";
import { HeldTasks } from "./held-tasks.ts";
import { CORRELATION_HEADER } from "./task-context.ts";
import { Registry } from "./registry.ts";
import { type TaskId, TaskOperations } from "./task-operations.ts";

/** What a queue is made of. */
export interface TaskQueueOptions {
  readonly storage: BaseStorage;
  /** The tasks that may be enqueued, and that workers of this queue run. */
  readonly tasks?: readonly AnyTaskDefinition[];
  /** Default: warnings and errors to the console. */
  readonly logger?: Logger;
  /** For waiting and backoff. Default: the machine's. */
  readonly clock?: Clock;
  readonly random?: Random;
  /** What handlers' errors are, where the default says it badly. A TaskError that is thrown stays as it is. */
  readonly classifyError?: ErrorClassifier;
  /**
   * How many enqueues may wait for the store at once; more are refused, so that a store that has become slow fills no
   * memory. Default 100,000.
   */
  readonly maxPending?: number;
}

const NO_OPTIONS: EnqueueOptions & ViaOption = {};
const QUEUE_OPTIONS = ["storage", "tasks", "logger", "clock", "random", "classifyError", "maxPending"];

/** Marks queues of this copy of the package and of others. */
const QUEUE_BRAND = Symbol.for("@omniq/core/TaskQueue");

/**
 * Enqueues tasks into a store, and reads what became of them. Concurrent calls are gathered into one write;
 * each promise settles once its own task is stored.
 */
export class TaskQueue extends TaskOperations {
  readonly storage: BaseStorage;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly classifyError: ErrorClassifier | null;
  readonly [QUEUE_BRAND] = true;
  readonly #registry = new Registry();
  readonly #held = new HeldTasks();
  readonly #enqueues: Gatherer<readonly p.NewTask[], readonly p.EnqueueAnswer[]>;

  /** @throws TypeError where `storage` is none; ValidationError for a bad option */
  constructor(options: TaskQueueOptions) {
    checkOptions(options, QUEUE_OPTIONS, "TaskQueue");
    super();
    if (!isStorage(options.storage)) throw new TypeError("'storage' must be BaseStorage");
    checkParts(options);
    this.storage = options.storage;
    this.logger = options.logger ?? consoleLogger;
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? systemRandom;
    this.classifyError = options.classifyError ?? null;
    const { maxPending: maxWaiting = 100_000 } = options;
    checkInteger(maxWaiting, "maxPending", 1, Number.MAX_SAFE_INTEGER);
    const send = async (groups: readonly (readonly p.NewTask[])[]) =>
      (await this.storage.enqueue({ groups })).groups;
    const lanes = this.storage.adapter.isPipelined ? 2 : 1;
    this.#enqueues = new Gatherer(send, { maxWaiting, lanes, lengthOf: payloadLength });
    this.register(...(options.tasks ?? []));
  }

  /** Makes tasks known, so that they can be enqueued and run. @throws ValidationError */
  register(...tasks: readonly AnyTaskDefinition[]): void {
    for (const task of tasks) this.#registry.add(task);
  }

  /** The registered task of this name, or null. */
  definition(name: string): AnyTaskDefinition | null {
    return this.#registry.get(name);
  }

  /**
   * Stores a task to be run. Resolves to its id once it is on disk.
   *
   * With `via`, it becomes part of a transaction of the application's. Where nothing on the way has to be waited for, it
   * is written before this returns, so that better-sqlite3's synchronous transactions can be used as they are.
   *
   * @throws ValidationError, SerializationError before anything is written; DuplicateTaskError, StorageError
   */
  enqueue<Payload, Result>(
    task: TaskDefinition<Payload, Result>,
    ...args: undefined extends Payload
      ? [payload?: NoInfer<Payload>, options?: EnqueueOptions & ViaOption]
      : [payload: NoInfer<Payload>, options?: EnqueueOptions & ViaOption]
  ): Promise<TaskId<Result>>;
  /** As above, by the name of a task that is registered with this queue. @throws as above */
  enqueue(task: string, payload?: unknown, options?: EnqueueOptions & ViaOption): Promise<TaskId>;
  async enqueue(
    task: AnyTaskDefinition | string,
    payload?: unknown,
    given: EnqueueOptions & ViaOption = NO_OPTIONS,
  ): Promise<TaskId> {
    checkRecord(given, "options");
    const item = { task, payload, options: withoutVia(given) };
    if (given.via !== undefined) return (await this.enqueueMany([item], { via: given.via }))[0];
    const prepared = this.#prepare(item);
    const answers = await this.#enqueues.add([isThenable(prepared) ? await prepared : prepared]);
    return idOf(answers[0] as p.EnqueueAnswer);
  }

  /** Resolves once every task that was enqueued so far is stored, or was refused. */
  async flush(): Promise<void> {
    await this.#enqueues.flush();
  }

  /** Stores several tasks, all or none. Resolves to their ids, in order. @throws as enqueue, naming the item */
  enqueueMany<const Tasks extends readonly TaskOrName[]>(
    items: EnqueueItems<Tasks>,
    options?: ViaOption,
  ): Promise<TaskIds<Tasks>>;
  async enqueueMany(items: readonly EnqueueItem[], options: ViaOption = {}): Promise<readonly TaskId[]> {
    checkArray(items, "items");
    checkOptions(options, ["via"], "enqueueMany");
    if (items.length === 0) return [];
    const group: p.NewTask[] = [];
    for (let index = 0; index < items.length; index++) {
      const item = items[index] as EnqueueItem;
      try {
        checkOptions(item, ["task", "payload", "options"], "An item of enqueueMany", "item");
        const prepared = this.#prepare(item);
        group.push(isThenable(prepared) ? await prepared : prepared);
      } catch (error) {
        throw atItem(error, index);
      }
    }
    const { groups } = await this.storage.enqueue({ groups: [group], ...options });
    return idsOf(groups[0] ?? []);
  }

  /**
   * Declares a task under an id of your choice: creates it, or updates it if its content is new, which is all but its
   * headers; the order of keys in the payload counts. Every
   * process may do so at start; one schedule comes of it. Declared without an interval, a recurring task ends
   * with its present run.
   */
  schedule<Payload>(
    task: TaskDefinition<Payload, unknown>,
    payload: NoInfer<Payload>,
    options: EnqueueOptions & { readonly id: string },
  ): Promise<p.ScheduleResult>;
  /** As above, by the name of a task that is registered with this queue. */
  schedule(
    task: string,
    payload: unknown,
    options: EnqueueOptions & { readonly id: string },
  ): Promise<p.ScheduleResult>;
  async schedule(
    task: AnyTaskDefinition | string,
    payload: unknown,
    options: EnqueueOptions & { readonly id: string },
  ): Promise<p.ScheduleResult> {
    checkRecord(options, "options");
    const prepared = await this.#prepare({ task, payload, options });
    // Awaited, so that the stack of an error leads on to the caller.
    const result = await this.storage.schedule({ ...prepared, id: options.id });
    return result;
  }

  /** Claims tasks by hand; settle them with {@link completeTask} or {@link failTask}. Workers do it by themselves. */
  async dequeue(params: p.DequeueParams): Promise<readonly p.ClaimedTask[]> {
    const { tasks } = await this.storage.dequeue(params);
    this.#held.add(tasks);
    return tasks;
  }

  /**
   * Ends a task that was claimed by hand as succeeded; a recurring one is due again after its interval.
   *
   * @param task as {@link dequeue} gave it; left out, the one that this queue holds under the id.
   * @throws LeaseLostError where the caller no longer holds it
   */
  async completeTask(taskId: string, result?: unknown, task?: p.ClaimedTask): Promise<void> {
    const held = await this.#heldTask(taskId, task, "completion");
    if (held) await this.#settle(held, { kind: "complete", result });
  }

  /** Ends a task that was claimed by hand as failed: it is retried, if error and task allow it. @throws LeaseLostError */
  async failTask(taskId: string, error: unknown, task?: p.ClaimedTask): Promise<void> {
    const held = await this.#heldTask(taskId, task, "failure");
    if (!held) return;
    const failure = typeof error === "string" ? TaskError.from(error) : error;
    const backoff = this.definition(held.record.name)?.backoff ?? null;
    const context = { now: this.clock.now(), random: this.random, backoff, classify: this.classifyError };
    await this.#settle(held, decideFailure(held.record, failure, context));
  }

  /** The claimed task that is meant; null, with a warning, where there is no such task at all. */
  async #heldTask(
    taskId: string,
    given: p.ClaimedTask | undefined,
    purpose: string,
  ): Promise<p.ClaimedTask | null> {
    if (given?.lease) return given;
    if (!given && !(await this.storage.getTask(taskId))) {
      this.logger.warn(`Task not found for ${purpose}: ${taskId}`, { task_id: taskId });
      return null;
    }
    const held = this.#held.get(taskId);
    if (!held) throw new LeaseLostError(taskId, "taken_over");
    return held;
  }

  async #settle(task: p.ClaimedTask, outcome: Outcome): Promise<void> {
    const { answers } = await this.storage.settle({ settlements: [{ task, outcome }] });
    const answer = answers[0] as p.SettleAnswer;
    if (answer.status === "error") throw answer.error;
    // Not before: a store that failed leaves the task with its holder, who may try again.
    this.#held.remove(task);
    const reason = lossOf(answer);
    if (reason) throw new LeaseLostError(task.record.id, reason);
  }

  #prepare({ task, payload, options = NO_OPTIONS }: EnqueueItem): p.NewTask | PromiseLike<p.NewTask> {
    const definition = this.#registry.resolve(task);
    const checked = checkPayload(definition, payload);
    // Made text at once, and options copied: the caller may change them as soon as it has the promise.
    const encoded = this.storage.encodePayload(payload);
    return isThenable(checked)
      ? checked.then(this.#newTask.bind(this, definition, encoded, copyOf(options)))
      : this.#newTask(definition, encoded, options);
  }

  #newTask(definition: AnyTaskDefinition, payload: EncodedPayload, options: EnqueueOptions): p.NewTask {
    return newTask(definition.name, payload, definition.defaults, options, this.#correlation());
  }

  /** What is enqueued in the course of something belongs to it, unless the caller says otherwise. */
  #correlation(): Readonly<Record<string, string>> | null {
    const correlationId = this.logger.correlationId?.();
    return correlationId === undefined ? null : { [CORRELATION_HEADER]: correlationId };
  }
}

/** What a queue is handed. @throws ValidationError naming the option */
function checkParts({ tasks, logger, clock, random, classifyError }: TaskQueueOptions): void {
  if (tasks !== undefined) checkArray(tasks, "tasks");
  if (logger !== undefined) checkMethods(logger, "logger", LOGGER_METHODS);
  if (clock !== undefined) checkMethods(clock, "clock", CLOCK_METHODS);
  if (random !== undefined) checkFunction(random, "random");
  if (classifyError !== undefined) checkFunction(classifyError, "classifyError");
}

/** Whether a value is a queue, of this copy of the package or another. */
export function isTaskQueue(value: unknown): value is TaskQueue {
  return typeof value === "object" && value !== null && QUEUE_BRAND in value;
}

function lossOf(answer: p.SettleAnswer): LeaseLostReason | null {
  switch (answer.status) {
    case "lost":
      return answer.reason;
    case "conflict":
    case "gone":
      return answer.status;
    case "outdated":
      return "rescheduled";
    default:
      return null;
  }
}
