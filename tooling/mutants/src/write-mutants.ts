import type { EnqueueHookParams, EnqueueHookResult, TaskWrite, WriteHookResult } from "@omniq/core/storage";
import { MemoryStorage } from "@omniq/storage-memory";
import type { Mutant } from "./mutant.ts";

/** Settles whoever asks, whatever the state. */
class IgnoresTokens extends MemoryStorage {
  protected override async doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    return super.doWrite(await Promise.all(writes.map((write) => this.#unguarded(write))));
  }

  async #unguarded(write: TaskWrite): Promise<TaskWrite> {
    const current = await this.doGetTask(write.id);
    if (!current || !("token" in write.guard)) return write;
    return { ...write, guard: { ...write.guard, token: current.token as string } };
  }
}

/** Settles whoever asks, as long as somebody runs the task. */
class GuardsByStateOnly extends MemoryStorage {
  protected override async doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    const loose: TaskWrite[] = [];
    for (const write of writes) {
      const current = await this.doGetTask(write.id);
      const running = current?.status === "RUNNING" && "token" in write.guard;
      loose.push(running ? { ...write, guard: { ...write.guard, token: current.token as string } } : write);
    }
    return super.doWrite(loose);
  }
}

class IgnoresScheduleVersion extends MemoryStorage {
  protected override async doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    const loose: TaskWrite[] = [];
    for (const write of writes) {
      const scheduleVersion = (await this.doGetTask(write.id))?.scheduleVersion ?? 0;
      loose.push("token" in write.guard ? { ...write, guard: { ...write.guard, scheduleVersion } } : write);
    }
    return super.doWrite(loose);
  }
}

class BurnsReleasedAttempts extends MemoryStorage {
  protected override doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    return super.doWrite(
      writes.map((write) => {
        const released = write.events.some(({ type }) => type === "released");
        if (!released || !write.state) return write;
        return { ...write, state: { ...write.state, attempts: write.state.attempts + 1 } };
      }),
    );
  }
}

class DropsErrors extends MemoryStorage {
  protected override doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    return super.doWrite(
      writes.map((write) => ({ ...write, state: write.state && { ...write.state, error: null } })),
    );
  }
}

class WritesResultsLater extends MemoryStorage {
  protected override async doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    const written = await super.doWrite(writes.map((write) => ({ ...write, result: null })));
    setImmediate(() => {
      for (const { id, result } of writes)
        if (result) void this.doPutResult({ taskId: id, result, pendingToken: null });
    });
    return written;
  }
}

class CancelKeepsTheLease extends MemoryStorage {
  protected override doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    return super.doWrite(
      writes.map((write) => (write.state?.status === "CANCELLED" ? { ...write, keepsLease: true } : write)),
    );
  }
}

class TakesDuplicatesForKnown extends MemoryStorage {
  protected override async doEnqueue(params: EnqueueHookParams): Promise<EnqueueHookResult> {
    const { now, groups } = await super.doEnqueue(params);
    const known = groups.map((group) =>
      group.map(({ status, id }) => ({
        status: status === "duplicate" ? ("existing" as const) : status,
        id,
      })),
    );
    return { now, groups: known };
  }
}

class DefaultsZeroRetries extends MemoryStorage {
  protected override doEnqueue({ groups }: EnqueueHookParams): Promise<EnqueueHookResult> {
    const defaulted = groups.map((group) =>
      group.map((task) => ({ ...task, maxRetries: task.maxRetries || 3 })),
    );
    return super.doEnqueue({ groups: defaulted });
  }
}

/** Stores that write wrongly. */
export const writeMutants: readonly Mutant[] = [
  {
    name: "token ignored on settle",
    storage: IgnoresTokens,
    killedBy: "LSE-2",
    reason: "complete with a superseded token, which must change nothing",
  },
  {
    name: "state guard only on settle",
    storage: GuardsByStateOnly,
    killedBy: "LSE-2",
    reason: "while the successor runs",
  },
  {
    name: "schedule version ignored on settle",
    storage: IgnoresScheduleVersion,
    killedBy: "SCH-3",
    reason: "the next run is due 60000 ms after",
  },
  {
    name: "attempts not refunded on release",
    storage: BurnsReleasedAttempts,
    killedBy: "LSE-7",
    reason: "the released task, at attempts: observed 1, expected 0",
  },
  {
    name: "error dropped",
    storage: DropsErrors,
    killedBy: "FIN-1",
    reason: "the error of the failed task: observed null",
  },
  {
    name: "error dropped while it waits",
    storage: DropsErrors,
    killedBy: "FIN-2",
    reason: "its error: observed null",
  },
  {
    name: "result written later",
    storage: WritesResultsLater,
    killedBy: "FIN-1",
    reason: "getResult answered null",
  },
  {
    name: "cancel keeps the lease",
    storage: CancelKeepsTheLease,
    killedBy: "FIN-7",
    reason: "the cancelled task",
  },
  {
    name: "duplicates accepted",
    storage: TakesDuplicatesForKnown,
    killedBy: "ENQ-4",
    reason: "enqueue of a known id with another name answered",
  },
  {
    name: "|| for maxRetries: 0",
    storage: DefaultsZeroRetries,
    killedBy: "ENQ-1",
    reason: "maxRetries: observed 3, expected 0",
  },
];
