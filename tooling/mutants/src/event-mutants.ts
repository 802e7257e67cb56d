import type {
  DequeueHookParams,
  DequeueHookResult,
  EventsHookParams,
  EventsHookResult,
  TaskWrite,
  WriteHookResult,
} from "@omniq/core/storage";
import { MemoryDatabase, MemoryStorage, type MemoryStorageOptions } from "@omniq/storage-memory";
import { rowsOf } from "./rows-of.ts";
import type { Mutant } from "./mutant.ts";

/** Tells of every write that was tried. */
class TellsOfRefusedWrites extends MemoryStorage {
  protected override async doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    const written = await super.doWrite(writes);
    const refused = writes.filter((_, index) => !written.answers[index]?.written);
    await this.doAppendEvents(refused.flatMap(({ events }) => events));
    return written;
  }
}

/** Tells of a change once it is made. */
class TellsLater extends MemoryStorage {
  protected override async doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    const written = await super.doWrite(writes.map((write) => ({ ...write, events: [] })));
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    const made = writes.filter((_, index) => written.answers[index]?.written);
    await this.doAppendEvents(made.flatMap(({ events }) => events));
    return written;
  }
}

/** Only what it wrote with a change is there. */
class DropsAppendedEvents extends MemoryStorage {
  protected override async doAppendEvents(): Promise<void> {}
}

class ForgetsRevivals extends MemoryStorage {
  protected override doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    const forgetful = writes.map((write) => ({
      ...write,
      events: write.events.filter(({ type }) => type !== "revived"),
    }));
    return super.doWrite(forgetful);
  }
}

class IncludesTheEnd extends MemoryStorage {
  protected override doQueryEvents(params: EventsHookParams): Promise<EventsHookResult> {
    return super.doQueryEvents({ ...params, to: params.to === null ? null : params.to + 1 });
  }
}

class IgnoresWorkers extends MemoryStorage {
  protected override doQueryEvents(params: EventsHookParams): Promise<EventsHookResult> {
    return super.doQueryEvents({ ...params, workerId: null });
  }
}

/** The next number is one above the highest that is there. */
class UsesNumbersAgain extends MemoryDatabase {
  override nextSequence(): number {
    const taken = [...rowsOf(this), ...this.events].map(({ sequence }) => sequence);
    return Math.max(0, ...taken) + 1;
  }
}

/** A task taken over is told of as one that was started. */
class TellsTakeOversAsStarts extends MemoryStorage {
  protected override doDequeue(params: DequeueHookParams): Promise<DequeueHookResult> {
    return super.doDequeue({ ...params, events: { ...params.events, recovered: params.events.claimed } });
  }
}

class KeepsAllEvents extends MemoryStorage {
  constructor(options: MemoryStorageOptions) {
    super({ ...options, events: "all" });
  }
}

class TakesErrorsForOff extends MemoryStorage {
  constructor(options: MemoryStorageOptions) {
    super({ ...options, events: options.events === "errors" ? "off" : (options.events ?? "errors") });
  }
}

class KeepsNoneByDefault extends MemoryStorage {
  constructor(options: MemoryStorageOptions) {
    super({ ...options, events: options.events ?? "off" });
  }
}

/** Stores that tell of what happened wrongly. */
export const eventMutants: readonly Mutant[] = [
  {
    name: "events of refused settlements",
    storage: TellsOfRefusedWrites,
    killedBy: "EVT-1",
    reason: "events added by the same settlement again: observed 1, expected 0",
  },
  {
    name: "events written later",
    storage: TellsLater,
    killedBy: "EVT-1",
    reason: "without the event of its end",
  },
  {
    name: "appended events dropped",
    storage: DropsAppendedEvents,
    killedBy: "EVT-1",
    reason: "two of which were appended",
  },
  {
    name: "no event of a revival",
    storage: ForgetsRevivals,
    killedBy: "EVT-1",
    reason: "the events of long",
  },
  {
    name: "time range with its end",
    storage: IncludesTheEnd,
    killedBy: "EVT-1",
    reason: 'queryEvents with {"',
  },
  {
    name: "worker filter ignored",
    storage: IgnoresWorkers,
    killedBy: "EVT-1",
    reason: '"workerId":',
  },
  {
    name: "sequence numbers used again",
    database: UsesNumbersAgain,
    killedBy: "EVT-1",
    reason: "the events before and after the purge: the sequence 2 follows 4",
  },
  {
    name: "take-overs told as starts",
    storage: TellsTakeOversAsStarts,
    killedBy: "EVT-1",
    reason: "expected 'lease_lost'",
  },
  {
    name: "event level ignored",
    storage: KeepsAllEvents,
    killedBy: "EVT-4",
    reason: "at level errors",
  },
  {
    name: "level errors taken for off",
    storage: TakesErrorsForOff,
    killedBy: "EVT-4",
    reason: "at level errors",
  },
  {
    name: "no events by default",
    storage: KeepsNoneByDefault,
    killedBy: "EVT-4",
    reason: "the level of a store that was told none",
  },
];
