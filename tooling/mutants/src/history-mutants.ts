import type {
  DequeueHookParams,
  DequeueHookResult,
  ExchangeHookResult,
  StoredTask,
  TaskWrite,
  WriteHookResult,
} from "@omniq/core/storage";
import { MemoryDatabase, MemoryStorage, type MemoryStorageOptions } from "@omniq/storage-memory";
import type { Mutant } from "./mutant.ts";

/** Gives tokens of its own making in place of the store's. */
abstract class MintsTokens extends MemoryStorage {
  readonly #database: MemoryDatabase;

  constructor(options: MemoryStorageOptions) {
    super(options);
    this.#database = options.database ?? new MemoryDatabase();
  }

  protected abstract mint(task: StoredTask): string;

  protected override async doDequeue(params: DequeueHookParams): Promise<DequeueHookResult> {
    const { now, claimed, recovered } = await super.doDequeue(params);
    const minted = (task: StoredTask): StoredTask => {
      const row = this.#database.find(task.id);
      const token = this.mint(task);
      if (row) this.#database.put({ ...row, token });
      return { ...task, token };
    };
    return { now, claimed: claimed.map(minted), recovered: recovered.map(minted) };
  }
}

class TakesAttemptsForTokens extends MintsTokens {
  protected override mint({ attempts }: StoredTask): string {
    return String(attempts).padStart(16, "0");
  }
}

class TakesWorkersForTokens extends MintsTokens {
  protected override mint({ workerId }: StoredTask): string {
    return `token of ${workerId}`;
  }
}

/** A run that is live again may be claimed, whatever held it. */
class ForgetsHoldsOfTheRevived extends MemoryStorage {
  protected override doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    return super.doWrite(
      writes.map((write) => {
        const revived = write.events.some(({ type }) => type === "revived");
        return revived && write.state ? { ...write, state: { ...write.state, holds: null } } : write;
      }),
    );
  }
}

class ClaimsBeforeItSettles extends MemoryStorage {
  protected override async doExchange(
    writes: readonly TaskWrite[],
    dequeue: DequeueHookParams,
  ): Promise<ExchangeHookResult> {
    const claimed = await this.doDequeue(dequeue);
    return { ...claimed, answers: (await this.doWrite(writes)).answers };
  }
}

/** Wakes workers for tasks that a paused queue keeps from them. */
class IsDueWhilePaused extends MemoryStorage {
  readonly #database: MemoryDatabase;

  constructor(options: MemoryStorageOptions) {
    super(options);
    this.#database = options.database ?? new MemoryDatabase();
  }

  protected override async doNextDue(queues: readonly string[]): Promise<{ now: number; at: number | null }> {
    const instants = queues.map((name) => this.#database.nextDue(name)).filter((instant) => instant !== null);
    return { now: this.clock.now(), at: instants.length === 0 ? null : Math.min(...instants) };
  }
}

/** A task that is declared anew goes to the first queue that it can think of. */
class MovesDeclaredTasks extends MemoryStorage {
  protected override doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    return super.doWrite(
      writes.map((write) =>
        write.definition ? { ...write, definition: { ...write.definition, queue: "a" } } : write,
      ),
    );
  }
}

/** Stores whose mistakes show in a history of calls. */
export const historyMutants: readonly Mutant[] = [
  { name: "token = attempts", storage: TakesAttemptsForTokens, killedBy: "LSE-1", reason: "the token" },
  { name: "token per worker", storage: TakesWorkersForTokens, killedBy: "LSE-1", reason: "the token" },
  {
    name: "a revived task is held no more",
    storage: ForgetsHoldsOfTheRevived,
    killedBy: "FIN-5",
    reason: "at holds: observed []",
  },
  {
    name: "exchange claims before it settles",
    storage: ClaimsBeforeItSettles,
    killedBy: "FIN-5",
    reason: "the tasks that dequeue returned",
  },
  {
    name: "due while paused",
    storage: IsDueWhilePaused,
    killedBy: "FIN-5",
    reason: "the answer to nextDue",
  },
  {
    name: "schedule moves tasks to another queue",
    storage: MovesDeclaredTasks,
    killedBy: "FIN-5",
    reason: "the tasks that dequeue returned",
  },
];
