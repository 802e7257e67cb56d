import type { OmniQError } from "@omniq/core";
import type { BaseStorage, ClaimedTask } from "@omniq/core/storage";
import { expectStorageError } from "../expect.ts";
import { microseconds } from "../real-time.ts";
import { seededRandom } from "../seeded-random.ts";
import { claim, complete, release, renew, settle } from "../steps.ts";
import type { Asked, CallLine } from "./call.ts";

export interface ClientOptions {
  readonly client: string;
  readonly seed: number;
  /** The ids of the tasks, each alone in the queue of its id. */
  readonly tasks: readonly string[];
  readonly calls: number;
}

/** Completion is rare, since a task that is done is of no more interest. */
const KINDS = ["claim", "release", "renew", "cancel", "retryTask", "read"] as const;
const COMPLETES_EACH = 12;

/** Makes random calls, one after the other, and tells of each before it begins and when it has ended. */
export async function runClient(
  store: BaseStorage,
  { client, seed, tasks, calls }: ClientOptions,
  tell: (line: CallLine) => void,
): Promise<void> {
  const random = seededRandom(seed);
  const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const held = new Map<string, ClaimedTask>();
  for (let number = 1; number <= calls; number++) {
    const task = oneOf(tasks);
    const kind = number % COMPLETES_EACH === 0 ? "complete" : oneOf(KINDS);
    const lease = held.get(task);
    const needsLease = kind === "complete" || kind === "release" || kind === "renew";
    if (needsLease && !lease) continue;
    const asked = (needsLease ? { kind, token: lease?.lease.token } : { kind }) as Asked;
    tell({ number, client, task, asked, at: microseconds() });
    try {
      const answered = await answerOf(store, task, asked, held);
      tell({ number, client, answered, at: microseconds() });
    } catch (error) {
      // Nobody knows what has become of the call: its end stays open.
      expectStorageError(error as Error, asked.kind);
    }
  }
}

async function answerOf(
  store: BaseStorage,
  id: string,
  { kind }: Asked,
  held: Map<string, ClaimedTask>,
): Promise<string> {
  const lease = held.get(id) as ClaimedTask;
  switch (kind) {
    case "read": {
      const task = await store.getTask(id);
      return `${task?.status} ${task?.run} ${task?.attempts}`;
    }
    case "claim": {
      const [task] = await claim(store, { queue: id });
      if (task) held.set(id, task);
      return task?.lease.token ?? "nothing";
    }
    case "complete":
      return (await settle(store, lease, complete("done"))).status;
    case "release":
      return (await settle(store, lease, release)).status;
    case "renew":
      return (await renew(store, lease)).status;
    case "cancel":
      return (await store.cancel(id)) ? "done" : "unchanged";
    case "retryTask":
      return store.retryTask(id).then(
        () => "done",
        (error: OmniQError) => {
          if (error.code === "invalid_transition") return error.code;
          throw error;
        },
      );
  }
}
