import type {
  Capabilities,
  DequeueHookParams,
  DequeueHookResult,
  DescribeHookResult,
  EnqueueHookParams,
  EnqueueHookResult,
  StoredTask,
} from "@omniq/core/storage";
import { MemoryDatabase, MemoryStorage, type MemoryStorageOptions } from "@omniq/storage-memory";
import type { Mutant } from "./mutant.ts";

const MEMORY = new MemoryStorage().capabilities;

/** A memory store that makes more promises than it keeps. */
function declaring(promises: Partial<Capabilities>): typeof MemoryStorage {
  return class extends MemoryStorage {
    override readonly capabilities: Capabilities = { ...MEMORY, ...promises };
  };
}

/** Looks for work only once it was told that there is some. */
class ClaimsWhatItWasToldOf extends MemoryStorage {
  readonly #database: MemoryDatabase;
  #isTold = true;

  constructor(options: MemoryStorageOptions) {
    super(options);
    this.#database = options.database ?? new MemoryDatabase();
  }

  protected override async doOpen(): Promise<void> {
    this.#database.watchers.add(() => (this.#isTold = true));
  }

  protected override async doNotify(): Promise<void> {
    this.#isTold = true;
    await super.doNotify();
  }

  protected override async doDequeue(params: DequeueHookParams): Promise<DequeueHookResult> {
    const found = await super.doDequeue(this.#isTold ? params : { ...params, queues: [] });
    this.#isTold = found.claimed.length > 0;
    return found;
  }
}

class LosesWatchersSoon extends MemoryStorage {
  #hints = 0;

  protected override async doNotify(): Promise<void> {
    if (this.#hints++ === 0) await super.doNotify();
  }
}

class ReadsAround extends MemoryStorage {
  protected override async doGetTask(taskId: string): Promise<StoredTask | null> {
    const task = await super.doGetTask(taskId);
    return task?.policies === "{" ? { ...task, policies: null, payload: "null" } : task;
  }
}

class ChokesOnOne extends MemoryStorage {
  protected override async doDequeue(params: DequeueHookParams): Promise<DequeueHookResult> {
    const found = await super.doDequeue(params);
    for (const { payload } of found.claimed) JSON.parse(payload);
    return found;
  }
}

class QuotesWhatItCannotRead extends MemoryStorage {
  protected override async doGetTask(taskId: string): Promise<StoredTask | null> {
    const task = await super.doGetTask(taskId);
    if (task?.policies === "{") throw new Error(`The record holds ${task.payload}`);
    return task;
  }
}

class WarnsOfLargePayloads extends MemoryStorage {
  protected override doEnqueue(params: EnqueueHookParams): Promise<EnqueueHookResult> {
    for (const { payload } of params.groups.flat()) process.stderr.write(`stored: ${payload.slice(0, 60)}\n`);
    return super.doEnqueue(params);
  }
}

/** Goes by a clock an hour ahead of its own where leases are concerned. */
class TakesOverEarly extends MemoryDatabase {
  override lapsed(queue: string, now: number, limit: number): ReturnType<MemoryDatabase["lapsed"]> {
    return super.lapsed(queue, now + 1000, limit);
  }
}

class DeclaresAgain extends MemoryStorage {
  static #copies = 0;

  protected override doEnqueue({ groups }: EnqueueHookParams): Promise<EnqueueHookResult> {
    const copied = groups.map((group) =>
      group.map((task) => (task.schedule ? { ...task, id: `${task.id} ${DeclaresAgain.#copies++}` } : task)),
    );
    return super.doEnqueue({ groups: copied });
  }
}

/** Reads from memory of its own what it has read a moment ago. */
class RemembersReads extends MemoryStorage {
  readonly #seen = new Map<string, { task: StoredTask | null; reads: number }>();

  protected override async doGetTask(taskId: string): Promise<StoredTask | null> {
    const seen = this.#seen.get(taskId);
    if (seen && seen.reads++ < 2) return seen.task;
    const task = await super.doGetTask(taskId);
    this.#seen.set(taskId, { task, reads: 0 });
    return task;
  }
}

class DescribesNothing extends MemoryStorage {
  protected override async doDescribe(): Promise<DescribeHookResult> {
    return { durability: { synchronous: String(undefined) }, versions: {} };
  }
}

class OpensOnce extends MemoryStorage {
  static readonly #closed = new WeakSet<MemoryDatabase>();
  readonly #database: MemoryDatabase;

  constructor(options: MemoryStorageOptions) {
    super(options);
    this.#database = options.database ?? new MemoryDatabase();
  }

  protected override async doOpen(): Promise<void> {
    if (OpensOnce.#closed.has(this.#database)) throw new Error("it was closed");
  }

  protected override async doClose(): Promise<void> {
    OpensOnce.#closed.add(this.#database);
  }
}

/** Stores that promise what they do not keep, or tell what they should keep to themselves. */
export const promiseMutants: readonly Mutant[] = [
  {
    name: "claims only what it was notified of",
    killedBy: "EVT-2",
    reason: "not all of 5 tasks have run",
    storage: ClaimsWhatItWasToldOf,
  },
  {
    name: "wakes others once, and never again",
    killedBy: "EVT-3",
    reason: "no hint of another instance's enqueue 2 has arrived",
    storage: LosesWatchersSoon,
  },
  {
    name: "a damaged record is read as an empty one",
    killedBy: "GET-4",
    reason: "getTask of a damaged record resolved",
    storage: ReadsAround,
  },
  {
    name: "one damaged record ends every claim",
    killedBy: "GET-4",
    reason: "Failed to claim tasks",
    storage: ChokesOnOne,
  },
  {
    name: "an error quotes the payload",
    killedBy: "ERR-5",
    reason: "canary",
    storage: QuotesWhatItCannotRead,
  },
  {
    name: "payloads are written to the standard error",
    killedBy: "ERR-5",
    reason: "written to the standard output or error: stored:",
    storage: WarnsOfLargePayloads,
  },
  {
    name: "leases are taken over before their end by the clock that counts",
    killedBy: "LSE-12",
    reason: "by its clock, an hour ahead, the lease holds for a second",
    database: TakesOverEarly,
  },
  {
    name: "each declaration of a schedule adds a task",
    killedBy: "SCH-4",
    reason: "the runs that 8 instances recorded at once",
    storage: DeclaresAgain,
  },
  {
    name: "an instance reads from a memory of its own",
    killedBy: "FIN-8",
    reason: "explains their answers",
    storage: RemembersReads,
  },
  {
    name: "describe answers settings without values",
    killedBy: "DUR-6",
    reason: "a setting of durability without a value",
    storage: DescribesNothing,
  },
  {
    name: "survives the loss of power, but not the end of the process",
    killedBy: "CAP-1",
    reason: "the store declares survivesPowerLoss, and not durable",
    storage: declaring({ survivesPowerLoss: true }),
  },
  {
    name: "keeps time in halves",
    killedBy: "CAP-1",
    reason: "timePrecisionMs as 0.5",
    storage: declaring({ timePrecisionMs: 0.5 }),
  },
  {
    name: "a place that was closed stays closed",
    killedBy: "CAP-2",
    reason: "it was closed",
    storage: OpensOnce,
  },
];
