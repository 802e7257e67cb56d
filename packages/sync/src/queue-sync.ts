import type {
  EnqueueItem,
  EnqueueItems,
  EnqueueOptions,
  GetResultOptions,
  TaskDefinition,
  TaskId,
  TaskIds,
  TaskOrName,
  TaskQueue,
  TaskQueueOptions,
  TaskResult,
} from "@omniq/core";
import { refuseVia, twinOf } from "./blocking.ts";
import { type ModuleName, portable } from "./portable.ts";
import { StorageSync } from "./storage-sync.ts";
import { OBJECT_ID, type Thread } from "./thread.ts";

/** The options of a TaskQueue, the storage being a twin. */
export interface TaskQueueSyncOptions extends Omit<TaskQueueOptions, "storage" | "tasks"> {
  readonly storage: StorageSync;
  /** The modules that export the tasks. Their handlers run in the thread of the storage. */
  readonly tasks?: ModuleName | readonly ModuleName[];
}

/** Every method of a queue that answers a promise and does not name a task by its definition. */
export const QUEUE_METHODS = [
  "flush",
  "dequeue",
  "completeTask",
  "failTask",
  "getTask",
  "listTasks",
  "queryEvents",
  "getResult",
  "reschedule",
  "cancel",
  "retryTask",
  "retryFailed",
  "explain",
  "deleteTask",
  "countTasks",
  "listQueues",
  "pauseQueue",
  "resumeQueue",
] as const satisfies (keyof TaskQueue)[];

const SCHEDULES_METHODS = ["list", "pause", "resume", "runNow", "remove"] as const;

const QueueTwin = twinOf<TaskQueue, (typeof QUEUE_METHODS)[number]>(QUEUE_METHODS);
const SchedulesTwin = twinOf<TaskQueue["schedules"], (typeof SCHEDULES_METHODS)[number]>(SCHEDULES_METHODS);

/** The recurring tasks of a queue. */
export class SchedulesSync extends SchedulesTwin {}

/** How a run ended. The id knows the type of the result. */
export interface GetResultSync {
  /** Waits until the run has ended. @throws WaitTimeoutError, ResultUnavailableError */
  <Result>(taskId: TaskId<Result>, options: GetResultOptions & { readonly wait: true }): TaskResult<Result>;
  (taskId: TaskId, options: GetResultOptions & { readonly wait: true }): TaskResult;
  /** Null where it has not ended, or its result has expired. */
  <Result>(taskId: TaskId<Result>, options?: GetResultOptions): TaskResult<Result> | null;
  (taskId: TaskId, options?: GetResultOptions): TaskResult | null;
}

/** What queues have in common, however they were made. */
export abstract class QueueCalls extends QueueTwin {
  /** The store that the queue is over. */
  readonly storage: StorageSync;
  /** The recurring tasks of this queue. */
  readonly schedules: SchedulesSync;
  /** How a run ended, by the id of its task. */
  declare readonly getResult: GetResultSync;

  constructor(thread: Thread, object: number, storage?: StorageSync) {
    super(thread, object);
    this.storage = storage ?? new StorageSync(thread, thread.make("member", [this, "storage"]));
    this.schedules = new SchedulesSync(thread, thread.make("member", [this, "schedules"]));
  }

  /** Stores a task. Answers its id once it is stored. */
  enqueue<Payload, Result>(
    task: TaskDefinition<Payload, Result>,
    ...args: undefined extends Payload
      ? [payload?: NoInfer<Payload>, options?: EnqueueOptions]
      : [payload: NoInfer<Payload>, options?: EnqueueOptions]
  ): TaskId<Result>;
  /** As above, by the name of a task of the modules in `tasks`. */
  enqueue(task: string, payload?: unknown, options?: EnqueueOptions): TaskId;
  enqueue(task: { readonly name: string } | string, payload?: unknown, options: EnqueueOptions = {}): TaskId {
    refuseVia([options]);
    return this.#call("enqueue", [nameOf(task), payload, options]) as TaskId;
  }

  /** Stores tasks together: all, or none. */
  enqueueMany<const Tasks extends readonly TaskOrName[]>(
    items: EnqueueItems<Tasks>,
    options?: object,
  ): TaskIds<Tasks>;
  enqueueMany(items: readonly EnqueueItem[], options: object = {}): readonly TaskId[] {
    refuseVia([options]);
    const named = items.map((item) => ({ ...item, task: nameOf(item.task) }));
    return this.#call("enqueueMany", [named, options]) as readonly TaskId[];
  }

  /** Declares a recurring task under its id. */
  schedule<Payload>(
    task: TaskDefinition<Payload, unknown>,
    payload: NoInfer<Payload>,
    options: Parameters<TaskQueue["schedule"]>[2],
  ): Awaited<ReturnType<TaskQueue["schedule"]>>;
  schedule(
    task: string,
    payload: unknown,
    options: Parameters<TaskQueue["schedule"]>[2],
  ): Awaited<ReturnType<TaskQueue["schedule"]>>;
  schedule(
    task: { readonly name: string } | string,
    payload: unknown,
    options: Parameters<TaskQueue["schedule"]>[2],
  ): Awaited<ReturnType<TaskQueue["schedule"]>> {
    return this.#call("schedule", [nameOf(task), payload, options]) as never;
  }

  #call(method: string, args: readonly unknown[]): unknown {
    return this.thread.call(this[OBJECT_ID], method, args);
  }
}

/**
 * A TaskQueue without promises, over a storage that is a twin. Each method does what the one of that name does.
 *
 * ```ts
 * using storage = new StorageSync("sqlite:./jobs.db");
 * const queue = new TaskQueueSync({ storage, tasks: new URL("./tasks.js", import.meta.url) });
 * const id = queue.enqueue("greet", { name: "Ada" });
 * ```
 */
export class TaskQueueSync extends QueueCalls {
  /** @throws TypeError where `storage` is no twin; ValidationError for a bad option */
  constructor(options: TaskQueueSyncOptions) {
    const { storage } = options;
    if (!(storage instanceof StorageSync)) throw new TypeError("'storage' must be StorageSync");
    const { thread } = storage;
    super(thread, thread.make("queue", [{ ...portable(options), storage }]), storage);
    thread.ensure(this[OBJECT_ID]);
  }
}

function nameOf(task: { readonly name: string } | string): string {
  return typeof task === "string" ? task : task.name;
}
