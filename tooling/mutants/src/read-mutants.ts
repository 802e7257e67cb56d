import type { ListHookParams, ListHookResult, StoredTask, TaskRecord } from "@omniq/core/storage";
import { MemoryStorage } from "@omniq/storage-memory";
import type { Mutant } from "./mutant.ts";

class NeverFindsTasks extends MemoryStorage {
  protected override async doGetTask(): Promise<StoredTask | null> {
    return null;
  }
}

class IgnoresReschedule extends MemoryStorage {
  override async reschedule(): Promise<void> {}
}

class ReschedulesTheUnknown extends MemoryStorage {
  override async reschedule(taskId: string, newEta: Date): Promise<void> {
    if (await this.getTask(taskId)) await super.reschedule(taskId, newEta);
  }
}

/** Reads what it has read before. */
class CachesTasks extends MemoryStorage {
  readonly #cache = new Map<string, StoredTask>();

  protected override async doGetTask(taskId: string): Promise<StoredTask | null> {
    const task = this.#cache.get(taskId) ?? (await super.doGetTask(taskId));
    if (task) this.#cache.set(taskId, task);
    return task;
  }
}

class ThrowsForTheUnknown extends MemoryStorage {
  protected override async doGetTask(taskId: string): Promise<StoredTask | null> {
    const task = await super.doGetTask(taskId);
    if (!task) throw new Error("no row");
    return task;
  }
}

class CancelsTheUnknown extends MemoryStorage {
  override async cancel(taskId: string): Promise<boolean> {
    return (await this.getTask(taskId)) !== null && super.cancel(taskId);
  }
}

/** Remembers what it listed and lists the same objects again. */
class ListsLiveObjects extends MemoryStorage {
  readonly #listed = new Map<string, TaskRecord>();

  protected override async doListTasks(params: ListHookParams): Promise<ListHookResult> {
    const { tasks, cursor } = await super.doListTasks(params);
    const live = tasks.map((task) => {
      const key = `${task.id} ${task.status} ${task.updatedAt}`;
      const known = this.#listed.get(key) ?? task;
      this.#listed.set(key, known);
      return known;
    });
    return { tasks: live, cursor };
  }
}

/** The cursor counts rows from the beginning, so that it moves when one before it goes. */
class PagesByOffset extends MemoryStorage {
  protected override async doListTasks(params: ListHookParams): Promise<ListHookResult> {
    const offset = Number(params.cursor ?? 0);
    const { tasks } = await super.doListTasks({ ...params, cursor: null, limit: Number.MAX_SAFE_INTEGER });
    const newestFirst = tasks.toReversed().slice(offset, offset + params.limit);
    const end = offset + params.limit;
    return { tasks: newestFirst, cursor: end < tasks.length ? String(end) : null };
  }
}

/** Stores that read wrongly, and ones that answer without doing. */
export const readMutants: readonly Mutant[] = [
  {
    name: "getTask always null",
    storage: NeverFindsTasks,
    killedBy: "ENQ-1",
    reason: 'getTask answered null for "order 7"',
  },
  {
    name: "reschedule without effect",
    storage: IgnoresReschedule,
    killedBy: "RSC-1",
    reason: "schedule.eta on another instance",
  },
  {
    name: "reschedule of the unknown succeeds",
    storage: ReschedulesTheUnknown,
    killedBy: "RSC-1",
    reason: 'reschedule of "missing" resolved',
  },
  { name: "live objects returned", storage: ListsLiveObjects, killedBy: "GET-3", reason: "'defaced'" },
  { name: "paging by offset", storage: PagesByOffset, killedBy: "GET-5", reason: "ids" },
  {
    name: "reads cached",
    storage: CachesTasks,
    killedBy: "GET-2",
    reason: "what three readers see after dequeue",
  },
  {
    name: "unknown ids throw",
    storage: ThrowsForTheUnknown,
    killedBy: "GET-1",
    reason: "Failed to retrieve task one: no row",
  },
  {
    name: "cancel of the unknown succeeds",
    storage: CancelsTheUnknown,
    killedBy: "FIN-4",
    reason: "cancel of an unknown id resolved with false",
  },
];
