import type { TaskWrite, WriteHookResult } from "@omniq/core/storage";
import { MemoryStorage } from "@omniq/storage-memory";
import type { Mutant } from "./mutant.ts";

/** Changes writes before they are made. */
abstract class ChangesWrites extends MemoryStorage {
  protected override doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    return super.doWrite(writes.map((write) => this.change(write)));
  }

  protected abstract change(write: TaskWrite): TaskWrite;
}

class RescheduleKeepsTheLease extends ChangesWrites {
  protected override change(write: TaskWrite): TaskWrite {
    return isOf(write, "rescheduled") ? { ...write, keepsLease: true } : write;
  }
}

class RescheduleForgetsFailures extends ChangesWrites {
  protected override change(write: TaskWrite): TaskWrite {
    if (!isOf(write, "rescheduled") || !write.state) return write;
    return { ...write, state: { ...write.state, failures: 0 } };
  }
}

class NextRunKeepsAttempts extends ChangesWrites {
  protected override change(write: TaskWrite): TaskWrite {
    if (!write.result || write.state?.status !== "PENDING") return write;
    return { ...write, state: { ...write.state, attempts: write.result.attempts } };
  }
}

class CompletingCountsAnAttempt extends ChangesWrites {
  protected override change(write: TaskWrite): TaskWrite {
    if (!isOf(write, "completed") || !write.state) return write;
    return { ...write, state: { ...write.state, attempts: write.state.attempts + 1 } };
  }
}

class RevivesNothing extends ChangesWrites {
  protected override change(write: TaskWrite): TaskWrite {
    return isOf(write, "revived") && write.state
      ? { ...write, state: { ...write.state, run: write.state.run - 1 } }
      : write;
  }
}

class KeepsScheduleVersion extends ChangesWrites {
  protected override change(write: TaskWrite): TaskWrite {
    return write.definition ? { ...write, definition: { ...write.definition, scheduleVersion: 1 } } : write;
  }
}

/** Cancels the task as it was read, whoever claimed it since. */
class CancelsWithoutGuard extends MemoryStorage {
  protected override async doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    const loose: TaskWrite[] = [];
    for (const write of writes) {
      const current = isOf(write, "cancelled") ? await this.doGetTask(write.id) : null;
      loose.push(current ? { ...write, guard: { revision: current.revision } } : write);
    }
    return super.doWrite(loose);
  }
}

function isOf(write: TaskWrite, type: TaskWrite["events"][number]["type"]): boolean {
  return write.events.some((event) => event.type === type);
}

/** Stores that move tasks wrongly from state to state. */
export const transitionMutants: readonly Mutant[] = [
  {
    name: "reschedule keeps the lease",
    storage: RescheduleKeepsTheLease,
    killedBy: "LSE-10",
    reason: "superseded token",
  },
  {
    name: "reschedule forgets failures",
    storage: RescheduleForgetsFailures,
    killedBy: "RSC-2",
    reason: "after reschedule, at failures: observed 0",
  },
  { name: "next run keeps attempts", storage: NextRunKeepsAttempts, killedBy: "SCH-1", reason: "observed" },
  {
    name: "completing counts an attempt",
    storage: CompletingCountsAnAttempt,
    killedBy: "FIN-3",
    reason: "attempts after complete: observed 3",
  },
  {
    name: "a revived task keeps its run",
    storage: RevivesNothing,
    killedBy: "FIN-5",
    reason: "run and counters after retry of a FAILED task",
  },
  {
    name: "cancel without guard",
    storage: CancelsWithoutGuard,
    killedBy: "FIN-6",
    reason: "attempts: observed 0, expected 1",
  },
  {
    name: "schedule version not raised",
    storage: KeepsScheduleVersion,
    killedBy: "SCH-2",
    reason: "scheduleVersion: observed [ 1 ]",
  },
];
