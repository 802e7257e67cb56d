import type { DequeueHookParams, DequeueHookResult, StoredTask } from "@omniq/core/storage";
import { MemoryDatabase, MemoryStorage, type MemoryStorageOptions } from "@omniq/storage-memory";
import type { Mutant } from "./mutant.ts";

type Row = ReturnType<MemoryDatabase["due"]>[number];

/** Reads, waits, and hands out what it read, whoever has it by now. */
class NoCompareOnClaim extends MemoryStorage {
  protected override async doDequeue(params: DequeueHookParams): Promise<DequeueHookResult> {
    const name = params.queues[0]?.name ?? null;
    const { limit } = params;
    const { tasks } = await this.doListTasks({
      queue: name,
      status: "PENDING",
      name: null,
      cursor: null,
      limit,
    });
    await Promise.resolve();
    const answer = await super.doDequeue(params);
    const claimed: StoredTask[] = [...answer.claimed];
    for (const { id } of tasks) {
      const now = await this.doGetTask(id);
      if (now?.status === "RUNNING" && !claimed.some((task) => task.id === id)) claimed.push(now);
    }
    return { ...answer, claimed };
  }
}

class OneTooMany extends MemoryStorage {
  protected override doDequeue(params: DequeueHookParams): Promise<DequeueHookResult> {
    const queues = params.queues.map(({ name, limit }) => ({ name, limit: limit + 1 }));
    return super.doDequeue({ ...params, queues, limit: params.limit + 1 });
  }
}

class LocksOneTooMany extends OneTooMany {
  protected override async doDequeue(params: DequeueHookParams): Promise<DequeueHookResult> {
    const { now, claimed, recovered } = await super.doDequeue(params);
    return { now, claimed: claimed.slice(0, params.limit), recovered: recovered.slice(0, params.limit) };
  }
}

class IgnoresQueueLimits extends MemoryStorage {
  protected override doDequeue(params: DequeueHookParams): Promise<DequeueHookResult> {
    return super.doDequeue({
      ...params,
      queues: params.queues.map(({ name }) => ({ name, limit: params.limit })),
    });
  }
}

class ForgetsRecoveries extends MemoryStorage {
  protected override async doDequeue(params: DequeueHookParams): Promise<DequeueHookResult> {
    const answer = await super.doDequeue(params);
    return {
      ...answer,
      recovered: answer.recovered.map((task) => ({ ...task, recoveries: Math.min(task.recoveries, 1) })),
    };
  }
}

class IgnoresPause extends MemoryStorage {
  readonly #queues: MemoryDatabase["queues"];

  constructor(options: MemoryStorageOptions) {
    super(options);
    this.#queues = options.database?.queues ?? new Map();
  }

  protected override doDequeue(params: DequeueHookParams): Promise<DequeueHookResult> {
    const queues = [...this.#queues.values()];
    for (const { name } of queues) this.#queues.set(name, { name, paused: false });
    const answer = super.doDequeue(params);
    for (const queue of queues) this.#queues.set(queue.name, queue);
    return answer;
  }
}

/** Takes over what it found lapsed a moment ago, finished meanwhile or not. */
class RescuesFinishedTasks extends MemoryStorage {
  protected override async doDequeue(params: DequeueHookParams): Promise<DequeueHookResult> {
    const queue = params.queues[0]?.name ?? null;
    const { tasks } = await this.doListTasks({
      queue,
      status: "RUNNING",
      name: null,
      cursor: null,
      limit: 10,
    });
    await new Promise((resolve) => setImmediate(resolve));
    for (const { id, leaseUntil } of tasks) {
      const task = await this.doGetTask(id);
      if (task?.status !== "SUCCESS" || leaseUntil === null || leaseUntil > this.clock.now()) continue;
      const { run, attempts, failures, error, holds } = task;
      const state = { status: "PENDING", run, attempts, failures, recoveries: 1, error, holds } as const;
      const nothing = {
        due: null,
        definition: null,
        result: null,
        dropResults: null,
        events: [],
        enqueue: [],
      };
      await this.doWrite([{ id, guard: { revision: task.revision }, state, keepsLease: false, ...nothing }]);
    }
    return super.doDequeue(params);
  }
}

class LessThanForDue extends MemoryDatabase {
  override due(queue: string, now: number, limit: number): Row[] {
    return super.due(queue, now - 1, limit);
  }
}

class TakesOverTooEarly extends MemoryDatabase {
  override lapsed(queue: string, now: number, limit: number): Row[] {
    return super.lapsed(queue, now + 1, limit);
  }
}

class LastInFirstOut extends MemoryDatabase {
  override due(queue: string, now: number, limit: number): Row[] {
    return super
      .due(queue, now, Number.MAX_SAFE_INTEGER)
      .toSorted((a, b) => b.priority - a.priority || a.eta - b.eta || b.sequence - a.sequence)
      .slice(0, limit);
  }
}

class OneTokenForAll extends MemoryDatabase {
  override nextToken(): string {
    return "0000000000000001";
  }
}

/** Stores that claim wrongly. */
export const claimMutants: readonly Mutant[] = [
  {
    name: "no compare on claim",
    storage: NoCompareOnClaim,
    killedBy: "CLM-3",
    reason: "(task, token) pairs handed out twice",
  },
  {
    name: "limit + 1",
    storage: OneTooMany,
    killedBy: "CLM-4",
    reason: "dequeue returned 2 tasks with limit 1",
  },
  {
    name: "limit + 1 locked",
    storage: LocksOneTooMany,
    killedBy: "CLM-4",
    reason: "tasks RUNNING after a claim with limit 1: observed 2",
  },
  {
    name: "limits of queues ignored",
    storage: IgnoresQueueLimits,
    killedBy: "CLM-6",
    reason: "the queues of the tasks returned",
  },
  {
    name: "cap on recoveries ignored",
    storage: ForgetsRecoveries,
    killedBy: "CLM-9",
    reason: "recoveries in the record that dequeue returned",
  },
  { name: "pause ignored", storage: IgnoresPause, killedBy: "CLM-7", reason: "although the queue is paused" },
  {
    name: "recovery without guard",
    storage: RescuesFinishedTasks,
    killedBy: "LSE-9",
    reason: "although the holder was told settled",
  },
  {
    name: "eta < for <=",
    database: LessThanForDue,
    killedBy: "CLM-1",
    reason: "tasks that dequeue returned at the very due time",
  },
  {
    name: "take-over 1 ms early",
    database: TakesOverTooEarly,
    killedBy: "LSE-4",
    reason: "although its lease lasts one unit of time longer",
  },
  {
    name: "last in, first out",
    database: LastInFirstOut,
    killedBy: "CLM-5",
    reason: "the order in which tasks came back",
  },
  {
    name: "one token for all claims",
    database: OneTokenForAll,
    killedBy: "LSE-1",
    reason: "the token 0000000000000001 follows 0000000000000001",
  },
];
