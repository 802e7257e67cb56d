import type {
  EnqueueHookParams,
  EnqueueHookResult,
  ResultInsert,
  ResultKey,
  ResultRecord,
  TaskWrite,
  WriteHookResult,
} from "@omniq/core/storage";
import { MemoryDatabase, MemoryStorage, type MemoryStorageOptions } from "@omniq/storage-memory";
import type { Mutant } from "./mutant.ts";

/** Changes writes before they are made. */
abstract class ChangesWrites extends MemoryStorage {
  protected override doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    return super.doWrite(writes.map((write) => this.change(write)));
  }

  protected abstract change(write: TaskWrite): TaskWrite;
}

class DropsNullResults extends ChangesWrites {
  protected override change(write: TaskWrite): TaskWrite {
    return write.result?.value === "null" ? { ...write, result: null } : write;
  }
}

class ExpiresLate extends ChangesWrites {
  protected override change(write: TaskWrite): TaskWrite {
    const { result } = write;
    return result?.ttlMs ? { ...write, result: { ...result, ttlMs: result.ttlMs + 1 } } : write;
  }
}

class StoresRetriedFailures extends ChangesWrites {
  protected override change(write: TaskWrite): TaskWrite {
    const { state, events } = write;
    if (!state || !events.some(({ type }) => type === "retried")) return write;
    const { run, error, attempts } = state;
    const facts = { value: null, format: "json", startedAt: null, ttlMs: null };
    return { ...write, result: { ...facts, run, error, attempts, status: "FAILED" } satisfies ResultInsert };
  }
}

class DeletesOnlyTheTask extends ChangesWrites {
  protected override change(write: TaskWrite): TaskWrite {
    return write.dropResults === "all" ? { ...write, dropResults: null } : write;
  }
}

class KeepsResultsOfRevivedRuns extends ChangesWrites {
  protected override change(write: TaskWrite): TaskWrite {
    return typeof write.dropResults === "number" ? { ...write, dropResults: null } : write;
  }
}

/** Looks into the database beside the contract. */
abstract class KnowsItsDatabase extends MemoryStorage {
  protected readonly results: MemoryDatabase["results"];

  constructor(options: MemoryStorageOptions) {
    super(options);
    this.results = (options.database ?? new MemoryDatabase()).results;
  }
}

/** Results go when they are swept. */
class ExpiresBySweepOnly extends KnowsItsDatabase {
  protected override async doGetResult({ taskId, run }: ResultKey): Promise<ResultRecord | null> {
    const results = this.results.of(taskId).toSorted((a, b) => b.run - a.run);
    return results.find((result) => run === null || result.run === run) ?? null;
  }
}

/** The latest result hides the others, also once it has expired. */
class LooksAtTheLatestOnly extends KnowsItsDatabase {
  protected override doGetResult({ taskId, run }: ResultKey): Promise<ResultRecord | null> {
    const runs = this.results.of(taskId).map((result) => result.run);
    return super.doGetResult({ taskId, run: run ?? Math.max(0, ...runs) });
  }
}

class SweepsEverything extends KnowsItsDatabase {
  protected override async doPurgeResults(): Promise<number> {
    const count = [...this.results.from(0)].reduce((sum, { results }) => sum + results.length, 0);
    this.results.clear();
    return count;
  }
}

class SweepsWithoutBound extends MemoryStorage {
  protected override doPurgeResults(): Promise<number> {
    return super.doPurgeResults(Number.MAX_SAFE_INTEGER);
  }
}

/** A new task finds what an earlier one of its id left. */
class LeavesOldResults extends MemoryStorage {
  protected override doEnqueue({ groups }: EnqueueHookParams): Promise<EnqueueHookResult> {
    return super.doEnqueue({
      groups: groups.map((group) => group.map((task) => ({ ...task, clearsResults: false }))),
    });
  }
}

/** What an earlier task left goes a moment after the new one has come. */
class ClearsResultsLater extends LeavesOldResults {
  protected override async doEnqueue(params: EnqueueHookParams): Promise<EnqueueHookResult> {
    const answer = await super.doEnqueue(params);
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    for (const created of answer.groups.flat().filter(({ status }) => status === "created"))
      await this.doDeleteResult({ taskId: created.id, run: null });
    return answer;
  }
}

/** Stores that keep results wrongly. */
export const resultMutants: readonly Mutant[] = [
  {
    name: "null results not stored",
    storage: DropsNullResults,
    killedBy: "RES-1",
    reason: "getResult answered null",
  },
  {
    name: "results expire 1 ms late",
    storage: ExpiresLate,
    killedBy: "RES-2",
    reason: "expiresAt: observed",
  },
  {
    name: "results expire by sweep only",
    storage: ExpiresBySweepOnly,
    killedBy: "RES-2",
    reason: "getResult at the expiry",
  },
  {
    name: "an expired result hides an earlier one",
    storage: LooksAtTheLatestOnly,
    killedBy: "RES-2",
    reason: "before the sweep: observed undefined, expected 1",
  },
  {
    name: "sweep takes every result",
    storage: SweepsEverything,
    killedBy: "RES-3",
    reason: "the counts of four purges of at most 10",
  },
  {
    name: "sweep without bound",
    storage: SweepsWithoutBound,
    killedBy: "RES-3",
    reason: "the counts of four purges of at most 10",
  },
  {
    name: "a retried failure stores a result",
    storage: StoresRetriedFailures,
    killedBy: "RES-4",
    reason: "the result of a run that waits for its retry",
  },
  {
    name: "a revived run keeps its result",
    storage: KeepsResultsOfRevivedRuns,
    killedBy: "RES-4",
    reason: "the result of a failed run that was rescheduled",
  },
  {
    name: "a new task finds old results",
    storage: LeavesOldResults,
    killedBy: "RES-5",
    reason: "a new task under the same id, by enqueue",
  },
  {
    name: "old results go later",
    storage: ClearsResultsLater,
    killedBy: "RES-5",
    reason: "with the earlier task's result",
  },
  {
    name: "deleteTask leaves results",
    storage: DeletesOnlyTheTask,
    killedBy: "RES-5",
    reason: "after deleteTask",
  },
];
