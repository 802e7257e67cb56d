import type { EventLevel } from "@omniq/core";
import { type BaseStorage, type Capabilities, checkRecord } from "@omniq/core/storage";
import { twinOf } from "./blocking.ts";
import { type ModuleName, type TwinOptions, limitOf, portable } from "./portable.ts";
import { OBJECT_ID, Thread } from "./thread.ts";

/** Which store, and the options of its adapter. */
export interface StorageSyncOptions extends TwinOptions {
  /** Such as `sqlite:./jobs.db` or `file:./jobs`. */
  readonly url?: string;
  /** The adapter, as a module that exports `createStorage`; left out, the URL names it. */
  readonly module?: ModuleName;
  /** The thread of another twin, to share it. */
  readonly thread?: Thread;
  readonly [adapterOption: string]: unknown;
}

/** Every method of the storage contract that answers a promise. */
export const STORAGE_METHODS = [
  "open",
  "describe",
  "enqueue",
  "dequeue",
  "settle",
  "renew",
  "exchange",
  "getTask",
  "reschedule",
  "cancel",
  "retryTask",
  "deleteTask",
  "schedule",
  "hold",
  "unhold",
  "pauseSchedule",
  "resumeSchedule",
  "listTasks",
  "countTasks",
  "listQueues",
  "pauseQueue",
  "resumeQueue",
  "purge",
  "nextDue",
  "importTasks",
  "watch",
  "getResult",
  "putResult",
  "deleteResult",
  "purgeResults",
  "listResults",
  "importResults",
  "appendEvents",
  "queryEvents",
  "purgeEvents",
  "importEvents",
  "decodePayload",
] as const satisfies (keyof BaseStorage)[];

const StorageTwin = twinOf<BaseStorage, (typeof STORAGE_METHODS)[number]>(STORAGE_METHODS);

/**
 * The storage contract without promises: tasks, results and events of any store. Each method does what the one of that name of
 * `BaseStorage` does, answers when it is done, and throws what that one would reject.
 *
 * ```ts
 * using storage = new StorageSync("sqlite:./jobs.db");
 * const task = storage.getTask("task-123");
 * ```
 *
 * The store lives in a thread of its own, which starts with the first call and ends with `close`. What only makes sense within
 * one thread cannot be had: `via`, a transaction of the caller's.
 */
export class StorageSync extends StorageTwin {
  readonly #ownsThread: boolean;

  /** @throws ValidationError for a bad `callTimeout` or `module`; all else is told by the first call */
  constructor(urlOrOptions?: string | StorageSyncOptions);
  /** @internal A twin of a store that a thread has already. */
  constructor(thread: Thread, object: number);
  constructor(source: string | StorageSyncOptions | Thread = {}, object?: number) {
    if (source instanceof Thread) {
      super(source, object as number);
      this.#ownsThread = false;
      return;
    }
    const given = typeof source === "string" ? { url: source } : source;
    checkRecord(given, "options");
    const { thread: shared, ...options } = given;
    const thread = shared ?? new Thread(limitOf(options));
    super(thread, thread.make("storage", [portable(options)]));
    this.#ownsThread = shared === undefined;
  }

  /** What the adapter can do. `transactions` it cannot, through a twin. */
  get capabilities(): Capabilities {
    return this.thread.get(this[OBJECT_ID], "capabilities") as Capabilities;
  }

  /** Which events are kept. */
  get eventLevel(): EventLevel {
    return this.thread.get(this[OBJECT_ID], "eventLevel") as EventLevel;
  }

  /** Closes the store and ends its thread. Idempotent; every later call throws a ClosedError. */
  close(): void {
    try {
      if (this.thread.isRunning) this.thread.call(this[OBJECT_ID], "close", []);
    } finally {
      if (this.#ownsThread) this.thread.close();
    }
  }

  /** Removes everything that the store keeps, and nothing else, then closes. */
  destroy(): void {
    this.thread.call(this[OBJECT_ID], "destroy", []);
    this.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
