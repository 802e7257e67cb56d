import type {
  DequeueHookParams,
  DequeueHookResult,
  ListHookParams,
  ListHookResult,
  PurgeHookParams,
  QueueInfo,
  TaskCount,
} from "@omniq/core/storage";
import { MemoryDatabase, MemoryStorage, type MemoryStorageOptions } from "@omniq/storage-memory";
import { rowsOf } from "./rows-of.ts";
import type { Mutant } from "./mutant.ts";

/** A queue name is a pattern to it. */
class ListsByPattern extends MemoryStorage {
  protected override async doListTasks(params: ListHookParams): Promise<ListHookResult> {
    if (!params.queue?.includes("%")) return super.doListTasks(params);
    const page = await super.doListTasks({ ...params, queue: null });
    const prefix = params.queue.replaceAll("%", "");
    return { ...page, tasks: page.tasks.filter(({ queue }) => queue.includes(prefix)) };
  }
}

class PausesWithoutCase extends MemoryStorage {
  protected override async doSetQueuePaused(name: string, paused: boolean): Promise<void> {
    for (const queue of await this.doListQueues()) {
      if (queue.name.toLowerCase() === name.toLowerCase()) await super.doSetQueuePaused(queue.name, paused);
    }
    await super.doSetQueuePaused(name, paused);
  }
}

class CountsRunningAsWaiting extends MemoryStorage {
  protected override async doCountTasks(): Promise<readonly TaskCount[]> {
    const counts = await super.doCountTasks();
    return counts.map((entry) => (entry.status === "RUNNING" ? { ...entry, status: "PENDING" } : entry));
  }
}

/** Counts what a claim could find. */
class LeavesHeldTasksOut extends MemoryStorage {
  protected override async doCountTasks(): Promise<readonly TaskCount[]> {
    const { tasks } = await this.doListTasks({
      queue: null,
      status: "PENDING",
      name: null,
      cursor: null,
      limit: 9e9,
    });
    const counts = await super.doCountTasks();
    return counts.map((entry) => {
      const held = tasks.filter(({ queue, holds }) => queue === entry.queue && holds !== null).length;
      return entry.status === "PENDING" ? { ...entry, count: entry.count - held } : entry;
    });
  }
}

/** Keeps in mind what it paused, and nowhere else. */
class PausesAlone extends MemoryStorage {
  readonly #paused = new Set<string>();

  protected override async doSetQueuePaused(name: string, paused: boolean): Promise<void> {
    if (paused) this.#paused.add(name);
    else this.#paused.delete(name);
    if (!(await super.doListQueues()).some((queue) => queue.name === name))
      await super.doSetQueuePaused(name, false);
  }

  protected override async doListQueues(): Promise<readonly QueueInfo[]> {
    return (await super.doListQueues()).map(({ name }) => ({ name, paused: this.#paused.has(name) }));
  }

  protected override async doDequeue(params: DequeueHookParams): Promise<DequeueHookResult> {
    return super.doDequeue({
      ...params,
      queues: params.queues.filter(({ name }) => !this.#paused.has(name)),
    });
  }
}

class PurgesWithoutBound extends MemoryStorage {
  protected override doPurge(params: PurgeHookParams): Promise<number> {
    return super.doPurge({ ...params, limit: Number.MAX_SAFE_INTEGER });
  }
}

class CountsWhatWasAskedFor extends MemoryStorage {
  protected override async doPurge(params: PurgeHookParams): Promise<number> {
    return (await super.doPurge(params)) === 0 ? 0 : params.limit;
  }
}

class PurgesWaitingTasks extends MemoryStorage {
  readonly #database: MemoryDatabase;

  constructor(options: MemoryStorageOptions) {
    super(options);
    this.#database = options.database ?? new MemoryDatabase();
  }

  protected override async doPurge(params: PurgeHookParams): Promise<number> {
    const old = rowsOf(this.#database).filter(
      (row) => row.status === "PENDING" && row.updatedAt < params.before,
    );
    for (const { id } of old) this.#database.remove(id);
    return super.doPurge(params);
  }
}

/** What was enqueued first goes first, whenever it ended. */
class PurgesByEnqueueing extends MemoryStorage {
  protected override async doPurge({ before, limit, status }: PurgeHookParams): Promise<number> {
    const { tasks } = await this.doListTasks({ queue: null, name: null, cursor: null, status, limit: 1000 });
    const old = tasks.filter(({ finishedAt }) => finishedAt !== null && finishedAt < before).slice(0, limit);
    for (const { id } of old) await this.deleteTask(id);
    return old.length;
  }
}

class PurgesTheInstantToo extends MemoryStorage {
  protected override doPurge(params: PurgeHookParams): Promise<number> {
    return super.doPurge({ ...params, before: params.before + 1 });
  }
}

/** Stores that treat queues wrongly. */
export const queueMutants: readonly Mutant[] = [
  {
    name: "queue names as patterns",
    storage: ListsByPattern,
    killedBy: "QUE-1",
    reason: 'listTasks of the queue "%',
  },
  {
    name: "pause without regard to case",
    storage: PausesWithoutCase,
    killedBy: "QUE-1",
    reason: "the queues paused by pauseQueue of",
  },
  {
    name: "running tasks counted as waiting",
    storage: CountsRunningAsWaiting,
    killedBy: "QUE-2",
    reason: "the size of the queue after a claim of five",
  },
  {
    name: "held tasks not counted",
    storage: LeavesHeldTasksOut,
    killedBy: "QUE-2",
    reason: "the size of the queue after hold",
  },
  {
    name: "pause of one instance",
    storage: PausesAlone,
    killedBy: "QUE-3",
    reason: "although another instance paused the queue",
  },
  {
    name: "purge without bound",
    storage: PurgesWithoutBound,
    killedBy: "QUE-4",
    reason: "finished tasks after step 1",
  },
  {
    name: "purge counts what was asked for",
    storage: CountsWhatWasAskedFor,
    killedBy: "QUE-4",
    reason: "tasks purged, three having ended: observed 1000",
  },
  {
    name: "purge takes waiting tasks",
    storage: PurgesWaitingTasks,
    killedBy: "QUE-4",
    reason: "the tasks left",
  },
  {
    name: "purge takes what ended at the instant",
    storage: PurgesTheInstantToo,
    killedBy: "QUE-4",
    reason: "purged from before they ended",
  },
  {
    name: "purge by the order of enqueueing",
    storage: PurgesByEnqueueing,
    killedBy: "QUE-4",
    reason: "having ended first",
  },
];
