import type { PurgeParams, QueueInfo, WriteHookResult } from "@omniq/core/storage";
import { MemoryDatabase, MemoryStorage, type MemoryStorageOptions } from "@omniq/storage-memory";
import { rowsOf } from "./rows-of.ts";
import type { Mutant } from "./mutant.ts";

class ThrowsAsItComes extends MemoryStorage {
  override async listQueues(): Promise<readonly QueueInfo[]> {
    await this.open();
    return this.doListQueues();
  }
}

class PurgesUnchecked extends MemoryStorage {
  override async purge({ before, limit = 1000, status }: PurgeParams): Promise<number> {
    return this.doPurge({ before, limit, status: status ?? null });
  }
}

/** A failed write is taken for one that was not made. */
class SwallowsFailures extends MemoryStorage {
  override async cancel(taskId: string): Promise<boolean> {
    try {
      return await super.cancel(taskId);
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === "storage_failure") return false;
      throw error;
    }
  }
}

class ClosesAtOnce extends MemoryStorage {
  override async close(): Promise<void> {
    void super.close();
  }
}

class ClosesOnce extends MemoryStorage {
  #closed = false;

  override async close(): Promise<void> {
    if (this.#closed) throw new Error("already closed");
    this.#closed = true;
    await super.close();
  }
}

class AnswersWhenClosed extends MemoryStorage {
  override async countTasks(): ReturnType<MemoryStorage["countTasks"]> {
    return this.doCountTasks();
  }
}

/** Forgets what runs when it is closed. */
class ForgetsOnClose extends MemoryStorage {
  readonly #database: MemoryDatabase;

  constructor(options: MemoryStorageOptions) {
    super(options);
    this.#database = options.database ?? new MemoryDatabase();
  }

  protected override async doClose(): Promise<void> {
    for (const { id, status } of rowsOf(this.#database)) if (status === "RUNNING") this.#database.remove(id);
  }
}

/** Cannot tell its own from what stands beside it. */
class DestroysNeighbours extends MemoryStorage {
  static readonly #all = new Set<MemoryDatabase>();

  constructor(options: MemoryStorageOptions) {
    super(options);
    if (options.database) DestroysNeighbours.#all.add(options.database);
  }

  protected override async doDestroy(): Promise<void> {
    for (const database of DestroysNeighbours.#all) database.clear();
  }
}

class LeavesEventsBehind extends MemoryStorage {
  protected override async doDestroy(): Promise<void> {
    const { events } = await this.doQueryEvents({ ...NO_FILTER, limit: 9e9 });
    await super.doDestroy();
    await this.doAppendEvents(events);
  }
}

const NO_FILTER = { taskId: null, type: null, workerId: null, from: null, to: null, cursor: null };

/** Loses the answers of a batch of writes but the first. */
class AnswersTheFirstOnly extends MemoryStorage {
  protected override async doWrite(
    writes: Parameters<MemoryStorage["doWrite"]>[0],
  ): Promise<WriteHookResult> {
    const written = await super.doWrite(writes);
    const [first] = written.answers;
    return { ...written, answers: written.answers.map((answer) => first ?? answer) };
  }
}

/** Stores whose calls begin, fail or end wrongly. */
export const callMutants: readonly Mutant[] = [
  {
    name: "failures come out as they are",
    storage: ThrowsAsItComes,
    killedBy: "ERR-1",
    reason: "listQueues, doListQueues having thrown",
  },
  {
    name: "arguments of purge unchecked",
    storage: PurgesUnchecked,
    killedBy: "ERR-1",
    reason: "purge from before 1970 resolved",
  },
  {
    name: "failures swallowed",
    storage: SwallowsFailures,
    killedBy: "ERR-1",
    reason: "cancel, doWrite having thrown",
  },
  {
    name: "close does not wait",
    storage: ClosesAtOnce,
    killedBy: "LIF-2",
    reason: "close must wait for them",
  },
  { name: "close only once", storage: ClosesOnce, killedBy: "LIF-2", reason: "already closed" },
  {
    name: "answers when closed",
    storage: AnswersWhenClosed,
    killedBy: "LIF-2",
    reason: "countTasks on a closed store resolved",
  },
  {
    name: "what runs is forgotten at close",
    storage: ForgetsOnClose,
    killedBy: "LIF-2",
    reason: "after close and open",
  },
  {
    name: "destroy takes the neighbours",
    storage: DestroysNeighbours,
    killedBy: "LIF-4",
    reason: "what stands in the place beside after destroy",
  },
  {
    name: "destroy leaves events",
    storage: LeavesEventsBehind,
    killedBy: "LIF-4",
    reason: "tasks, queues, events and a result after destroy",
  },
  { name: "one answer for all writes", storage: AnswersTheFirstOnly, killedBy: "LSE-6", reason: "observed" },
];
