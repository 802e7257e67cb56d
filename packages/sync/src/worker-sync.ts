import type { WorkerOptions, WorkerPool } from "@omniq/core";
import { type Twin, twinOf } from "./blocking.ts";
import { type ModuleName, limitOf, portable } from "./portable.ts";
import type { QueueCalls } from "./queue-sync.ts";
import type { StorageSync } from "./storage-sync.ts";
import { OBJECT_ID, Thread } from "./thread.ts";

/** The options of a WorkerPool: queue and storage are twins, and tasks are named by their modules. */
export interface WorkerPoolSyncOptions extends WorkerOptions {
  readonly queue?: QueueCalls;
  /**
   * A queue is made over it.
   *
   * @deprecated since 1.0 (OMNIQ_DEP0001): pass `queue: new TaskQueueSync({ storage })`. It goes in 2.0.
   */
  readonly storage?: StorageSync;
  /** Modules that export tasks to run besides those of the queue. */
  readonly tasks?: ModuleName | readonly ModuleName[];
}

const WORKER_METHODS = ["start", "stop", "processTasks"] as const satisfies (keyof WorkerPool)[];

const WorkerTwin = twinOf<WorkerPool, (typeof WORKER_METHODS)[number]>(WORKER_METHODS);

/**
 * A WorkerPool without promises. Handlers run in the thread of the store, so they go on while the caller does something else;
 * `processTasks` blocks until what is due has been run.
 */
export class WorkerPoolSync extends WorkerTwin {
  /** @throws TypeError, ValidationError for a bad option, with the rules of WorkerPool */
  constructor(options: WorkerPoolSyncOptions);
  /** @internal A worker that the closing of its maker stops. */
  constructor(options: WorkerOptions, maker: Twin);
  constructor(options: WorkerPoolSyncOptions, maker?: Twin) {
    const { queue, storage, ...others } = options;
    const home = maker ?? [queue, storage].find((twin) => twin?.thread instanceof Thread);
    const thread = home?.thread ?? new Thread(limitOf({}));
    const made = { ...portable(others), ...(queue && { queue }), ...(storage && { storage }) };
    super(thread, thread.make("worker", maker ? [made, maker] : [made]));
    try {
      thread.ensure(this[OBJECT_ID]);
    } finally {
      // Without a queue or a storage the worker is refused, and nobody else would end the thread.
      if (!home) thread.close();
    }
  }

  get workerId(): string {
    return this.thread.get(this[OBJECT_ID], "workerId") as string;
  }

  get concurrency(): number {
    return this.thread.get(this[OBJECT_ID], "concurrency") as number;
  }

  /** How many tasks the pool holds at this moment. */
  get running(): number {
    return this.thread.get(this[OBJECT_ID], "running") as number;
  }

  [Symbol.dispose](): void {
    if (this.thread.isRunning) this.stop();
  }
}
