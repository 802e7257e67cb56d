import type {
  EnqueueHookParams,
  EnqueueHookResult,
  EnqueueParams,
  EnqueueResult,
  StoredTask,
  TaskInsert,
} from "@omniq/core/storage";
import { MemoryStorage } from "@omniq/storage-memory";
import type { Mutant } from "./mutant.ts";

class TellsOfRepetitions extends MemoryStorage {
  protected override async doEnqueue(params: EnqueueHookParams): Promise<EnqueueHookResult> {
    await this.doAppendEvents(params.groups.flat().flatMap(({ event }) => event ?? []));
    return super.doEnqueue(params);
  }
}

class SplitsGroups extends MemoryStorage {
  protected override async doEnqueue({ groups }: EnqueueHookParams): Promise<EnqueueHookResult> {
    const { now, groups: singles } = await super.doEnqueue({ groups: groups.flat().map((task) => [task]) });
    const answers = singles.flat();
    return { now, groups: groups.map((group) => answers.splice(0, group.length)) };
  }
}

/** Changes tasks before they are stored. */
abstract class ChangesInserts extends MemoryStorage {
  protected override async doEnqueue({ groups }: EnqueueHookParams): Promise<EnqueueHookResult> {
    return super.doEnqueue({ groups: groups.map((group) => group.map((task) => this.change(task))) });
  }

  protected abstract change(task: TaskInsert): TaskInsert;
}

class DecodesPayloads extends ChangesInserts {
  protected override change(task: TaskInsert): TaskInsert {
    return { ...task, payload: task.payload.replaceAll("[]", "{}") };
  }
}

class DropsPrototypeKeys extends ChangesInserts {
  protected override change(task: TaskInsert): TaskInsert {
    return { ...task, payload: task.payload.replaceAll('"__proto__"', '"proto"') };
  }
}

class IgnoresDedupeWindows extends ChangesInserts {
  protected override change(task: TaskInsert): TaskInsert {
    return { ...task, dedupe: task.dedupe && { ...task.dedupe, windowMs: null } };
  }
}

class TrimsIds extends ChangesInserts {
  protected override change(task: TaskInsert): TaskInsert {
    return { ...task, id: task.id.trim() };
  }
}

class NormalizesIds extends ChangesInserts {
  protected override change(task: TaskInsert): TaskInsert {
    return { ...task, id: task.id.normalize("NFC") };
  }

  protected override doGetTask(taskId: string): Promise<StoredTask | null> {
    return super.doGetTask(taskId.normalize("NFC"));
  }
}

class RefusesPausedQueues extends ChangesInserts {
  #paused: readonly string[] = [];

  protected override async doEnqueue(params: EnqueueHookParams): Promise<EnqueueHookResult> {
    this.#paused = (await this.doListQueues()).filter(({ paused }) => paused).map(({ name }) => name);
    return super.doEnqueue(params);
  }

  protected override change(task: TaskInsert): TaskInsert {
    if (this.#paused.includes(task.queue)) throw new Error("the queue is paused");
    return task;
  }
}

/** Rounds what it should refuse. */
class RoundsPriorities extends MemoryStorage {
  override enqueue({ groups }: EnqueueParams): Promise<EnqueueResult> {
    const rounded = groups.map((group) =>
      group.map((task) => ({ ...task, priority: Math.round(task.priority ?? 0) })),
    );
    return super.enqueue({ groups: rounded });
  }
}

/** Stores nothing in place of what is too large. */
class DropsLargePayloads extends MemoryStorage {
  override enqueue({ groups }: EnqueueParams): Promise<EnqueueResult> {
    const { maxPayloadBytes } = this.capabilities;
    const cut = groups.map((group) =>
      group.map((task) => {
        const tooLarge =
          typeof task.payload === "string" && Buffer.byteLength(task.payload) + 2 > maxPayloadBytes;
        return tooLarge ? { ...task, payload: null } : task;
      }),
    );
    return super.enqueue({ groups: cut });
  }
}

/** Says that it takes more than it does. */
class CutsPayloads extends MemoryStorage {
  protected override doEnqueue({ groups }: EnqueueHookParams): Promise<EnqueueHookResult> {
    const limit = this.capabilities.maxPayloadBytes - 1;
    const cut = groups.map((group) =>
      group.map((task) =>
        Buffer.byteLength(task.payload) > limit
          ? { ...task, payload: `${task.payload.slice(0, 100)}"` }
          : task,
      ),
    );
    return super.doEnqueue({ groups: cut });
  }
}

/** Stores that keep new tasks wrongly. */
export const enqueueMutants: readonly Mutant[] = [
  {
    name: "an event for each repetition",
    storage: TellsOfRepetitions,
    killedBy: "ENQ-3",
    reason: "the number of events",
  },
  { name: "groups split", storage: SplitsGroups, killedBy: "ENQ-6", reason: "refuses its group" },
  {
    name: "payload decoded on the way",
    storage: DecodesPayloads,
    killedBy: "DAT-1",
    reason: "an empty array",
  },
  {
    name: "own key __proto__ renamed",
    storage: DropsPrototypeKeys,
    killedBy: "DAT-2",
    reason: "the payload: observed",
  },
  {
    name: "dedupe windows ignored",
    storage: IgnoresDedupeWindows,
    killedBy: "ENQ-9",
    reason: "until the window is over",
  },
  { name: "ids trimmed", storage: TrimsIds, killedBy: "ENQ-2", reason: "enqueue of a new task answered" },
  {
    name: "ids normalized",
    storage: NormalizesIds,
    killedBy: "DAT-3",
    reason: "enqueue of a new task answered",
  },
  {
    name: "paused queues take no tasks",
    storage: RefusesPausedQueues,
    killedBy: "ENQ-8",
    reason: "the queue is paused",
  },
  {
    name: "priorities rounded",
    storage: RoundsPriorities,
    killedBy: "ENQ-7",
    reason: "enqueue with a priority between two answered",
  },
  {
    name: "large payloads dropped",
    storage: DropsLargePayloads,
    killedBy: "DAT-4",
    reason: "enqueue of a payload one byte too large answered",
  },
  {
    name: "large payloads cut",
    storage: CutsPayloads,
    killedBy: "DAT-4",
    reason: "the largest payload came back changed",
  },
];
