import { systemClock } from "@omniq/core";
import type { TaskWrite, WriteHookResult } from "@omniq/core/storage";
import { MemoryDatabase, MemoryStorage, type MemoryStorageOptions } from "@omniq/storage-memory";
import { rowsOf } from "./rows-of.ts";
import type { Mutant } from "./mutant.ts";

type Row = ReturnType<MemoryDatabase["due"]>[number];

class TakesZeroForNone extends MemoryDatabase {
  override put(row: Row): void {
    super.put({ ...row, eta: row.eta || row.createdAt });
  }
}

class CountsInSeconds extends MemoryDatabase {
  override put(row: Row): void {
    super.put({ ...row, eta: Math.floor(row.eta / 1000) * 1000 });
  }
}

class ReadsTheWallClock extends MemoryDatabase {
  override due(queue: string, _now: number, limit: number): Row[] {
    return super.due(queue, systemClock.now(), limit);
  }
}

class JudgesLeasesByTheWallClock extends MemoryDatabase {
  override lapsed(queue: string, _now: number, limit: number): Row[] {
    return super.lapsed(queue, systemClock.now(), limit);
  }
}

class StampsByTheWallClock extends MemoryStorage {
  constructor(options: MemoryStorageOptions) {
    super({ ...options, clock: systemClock });
  }
}

/** Holds that a lease which ends too far ahead is no lease. */
class DoubtsLongLeases extends MemoryDatabase {
  override lapsed(queue: string, now: number, limit: number): Row[] {
    const strange = rowsOf(this).filter(
      (row) => row.queue === queue && row.status === "RUNNING" && (row.leaseUntil ?? 0) > now + 600_000,
    );
    return [...super.lapsed(queue, now, limit), ...strange].slice(0, limit);
  }
}

/** Drops a due time that lies before the row was made. */
class OrdersByArrival extends MemoryDatabase {
  override due(queue: string, now: number, limit: number): Row[] {
    return super
      .due(queue, now, Number.MAX_SAFE_INTEGER)
      .toSorted((a, b) => b.priority - a.priority || a.sequence - b.sequence)
      .slice(0, limit);
  }
}

class ExaminesAllLeases extends MemoryDatabase {
  override lapsed(queue: string, now: number, limit: number): Row[] {
    return super.lapsed(queue, now, Number.MAX_SAFE_INTEGER).slice(0, limit);
  }
}

class ExaminesAllThatWaits extends MemoryDatabase {
  override due(queue: string, now: number, limit: number): Row[] {
    return super
      .due(queue, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
      .filter(({ eta }) => eta <= now)
      .slice(0, limit);
  }
}

/** A new declaration is due at once, whatever runs. */
class MovesWhatRuns extends MemoryStorage {
  protected override doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    return super.doWrite(
      writes.map((write) => (write.definition && write.keepsLease ? { ...write, due: { inMs: 0 } } : write)),
    );
  }
}

/** Counts a new grid back to before it began. */
class BeginsEarly extends MemoryStorage {
  protected override async doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    const early: TaskWrite[] = [];
    for (const write of writes) {
      const task = await this.doGetTask(write.id);
      const { anchorMs = null, everyMs = 0 } = JSON.parse(task?.schedule ?? "{}") as Recurrence;
      const first = write.result && write.due && "at" in write.due && write.due.at === anchorMs;
      early.push(first ? { ...write, due: { at: anchorMs - everyMs } } : write);
    }
    return super.doWrite(early);
  }
}

interface Recurrence {
  readonly anchorMs?: number | null;
  readonly everyMs?: number;
}

/** Stores that are wrong about time, and about the work that it takes to find what is due. */
export const timeMutants: readonly Mutant[] = [
  {
    name: "epoch 0 taken for none",
    database: TakesZeroForNone,
    killedBy: "TIM-1",
    reason: "the due time enqueued",
  },
  {
    name: "instants in seconds",
    database: CountsInSeconds,
    killedBy: "TIM-1",
    reason: "9999-12-31T23:59:59.999Z",
  },
  {
    name: "due by the wall clock",
    database: ReadsTheWallClock,
    killedBy: "TIM-2",
    reason: "tasks claimed 1 ms before they are due",
  },
  {
    name: "leases by the wall clock",
    database: JudgesLeasesByTheWallClock,
    killedBy: "TIM-2",
    reason: "tasks taken over 1 ms before the lease ends",
  },
  {
    name: "instants of the wall clock",
    storage: StampsByTheWallClock,
    killedBy: "TIM-2",
    // Whether its result can still be read when it is looked for depends on the wall clock, too.
    reason: "the clock standing in 2001: ",
  },
  {
    name: "long leases doubted",
    database: DoubtsLongLeases,
    killedBy: "TIM-3",
    reason: "although its lease was live when the clock stepped back",
  },
  {
    name: "order of arrival",
    database: OrdersByArrival,
    killedBy: "TIM-3",
    reason: "the order in which tasks came back",
  },
  {
    name: "all leases examined",
    database: ExaminesAllLeases,
    killedBy: "CLM-11",
    reason: "a claim of 10 examined 10000",
  },
  {
    name: "all that waits examined",
    database: ExaminesAllThatWaits,
    killedBy: "CLM-12",
    reason: "100,000 tasks of a higher priority being due later",
  },
  {
    name: "schedule moves what runs",
    storage: MovesWhatRuns,
    killedBy: "SCH-5",
    reason: "the due time of a run in progress",
  },
  {
    name: "a grid that begins early",
    storage: BeginsEarly,
    killedBy: "SCH-5",
    reason: "the first due time of a grid (missed runs: skip)",
  },
];
