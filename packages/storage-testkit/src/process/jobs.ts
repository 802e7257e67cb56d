import type { BaseStorage, ClaimedTask, NewTask, SettleAnswer } from "@omniq/core/storage";
import { expectStorageError } from "../expect.ts";
import { type ClaimOptions, claim, complete, enqueue, newTask, renew, settle } from "../steps.ts";
import { expectSettled, untilAnswered } from "../wire/answered.ts";
import { EVERY_MINUTE } from "../topics/every-minute.ts";

/*
 * What a process of the kit can be told to do with its store. A job is named, since a closure cannot cross into
 * another process; arguments and answers are plain data.
 */

/** What a process works with from one job to the next. */
export interface Bench {
  readonly store: BaseStorage;
  /** The tasks that it claimed last, by id. */
  readonly held: Map<string, ClaimedTask>;
}

/** A task handed out. */
export interface HandedOut {
  readonly id: string;
  readonly token: string;
}

/** An instant is due when, and was written when: as numbers, and as this process reads the dates. */
export interface ReadInstants {
  readonly eta: number;
  readonly createdAt: number;
  readonly offset: number;
}

/** What came of filling a store. */
export interface Filled {
  readonly stored: readonly string[];
  readonly refused: string | null;
}

/** The recurring task that several processes declare. */
export const SHARED_SCHEDULE = "every minute";

export const JOBS = {
  async open({ store }: Bench): Promise<void> {
    await store.open();
  },

  async enqueue({ store }: Bench, tasks: readonly Partial<NewTask>[]): Promise<void> {
    await enqueue(store, ...tasks);
  },

  /** Enqueues a task by calls that are repeated until one is answered. */
  async enqueueAgain({ store }: Bench, task: { readonly id: string }): Promise<void> {
    await untilAnswered("enqueue", () => store.enqueue({ groups: [[newTask(task)]] }));
  },

  /** Reads while the server is out of reach; that it fails is as it should be. */
  async failsToRead({ store }: Bench): Promise<void> {
    await expectSettled("getTask, the server being out of reach", () => store.getTask("one"));
  },

  /** Enqueues large tasks until one is refused; answers which were stored, and how the other was refused. */
  async fill({ store }: Bench, { queue, most }: { queue: string; most: number }): Promise<Filled> {
    const stored: string[] = [];
    for (let number = 1; number <= most; number++) {
      const id = `${queue} ${number}`;
      try {
        await store.enqueue({ groups: [[newTask({ id, queue, payload: "x".repeat(20_000) })]] });
        stored.push(id);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        expectStorageError(error, "enqueue, the disk failing,");
        return { stored, refused: id };
      }
    }
    return { stored, refused: null };
  },

  async claim({ store, held }: Bench, options: ClaimOptions): Promise<HandedOut[]> {
    const tasks = await claim(store, options);
    for (const task of tasks) held.set(task.record.id, task);
    return tasks.map(({ record, lease }) => ({ id: record.id, token: lease.token }));
  },

  async settle(
    { store, held }: Bench,
    { id, result }: { id: string; result: string },
  ): Promise<SettleAnswer> {
    return settle(store, taskOf(held, id), complete(result));
  },

  async renew({ store, held }: Bench, { id }: { id: string }): Promise<string> {
    const answer = await renew(store, taskOf(held, id));
    return answer.status === "lost" ? `lost ${answer.reason}` : answer.status;
  },

  /** Claims and completes until three claims in a row have found nothing. */
  async drain(
    { store }: Bench,
    { workerId, limit }: { workerId: string; limit: number },
  ): Promise<{ claimed: HandedOut[]; refused: SettleAnswer[] }> {
    const claimed: HandedOut[] = [];
    const refused: SettleAnswer[] = [];
    for (let empty = 0; empty < 3;) {
      const tasks = await claim(store, { workerId, limit });
      empty = tasks.length === 0 ? empty + 1 : 0;
      claimed.push(...tasks.map(({ record, lease }) => ({ id: record.id, token: lease.token })));
      const settlements = tasks.map((task) => ({ task, outcome: complete(workerId) }));
      const { answers } = await store.settle({ settlements });
      refused.push(...answers.filter(({ status }) => status !== "settled"));
    }
    return { claimed, refused };
  },

  async reschedule({ store }: Bench, { id, etas }: { id: string; etas: readonly number[] }): Promise<void> {
    for (const eta of etas) await store.reschedule(id, new Date(eta));
  },

  /** Declares the shared schedule and runs it, if it is due and nobody else does; answers the run that it ran. */
  async declareAndRun({ store }: Bench, workerId: string): Promise<number | null> {
    await store.schedule({
      ...newTask(),
      id: SHARED_SCHEDULE,
      recurrence: EVERY_MINUTE,
    });
    const [task] = await claim(store, { workerId });
    if (!task) return null;
    const answer = await settle(store, task, complete(workerId));
    return answer.status === "settled" ? task.record.run : null;
  },

  async instants({ store }: Bench, id: string): Promise<ReadInstants | null> {
    const task = await store.getTask(id);
    if (!task) return null;
    const { schedule, createdAt } = task;
    return {
      eta: schedule.eta.getTime(),
      createdAt: createdAt.getTime(),
      offset: createdAt.getTimezoneOffset(),
    };
  },

  /** Tasks that this process can see and claim: what a store of one process could never answer. */
  async pending({ store }: Bench): Promise<number> {
    const counts = await store.countTasks();
    return counts.filter(({ status }) => status === "PENDING").reduce((sum, { count }) => sum + count, 0);
  },

  /** Leaves a watch open, as a worker that waits has one. */
  async watch({ store }: Bench): Promise<void> {
    await store.watch(() => {});
  },

  /** Closes the store and lets go of everything of the kit's own; the process must then end by itself. */
  async close({ store }: Bench): Promise<void> {
    await store.close();
    setImmediate(() => process.disconnect());
  },
} satisfies Readonly<Record<string, (bench: Bench, args: never) => Promise<unknown>>>;

export type JobName = keyof typeof JOBS;
export type JobArgs<Name extends JobName> = Parameters<(typeof JOBS)[Name]>[1];
export type JobAnswer<Name extends JobName> = Awaited<ReturnType<(typeof JOBS)[Name]>>;

function taskOf(held: Bench["held"], id: string): ClaimedTask {
  const task = held.get(id);
  if (!task) throw new Error(`This process claimed no task ${id}.`);
  return task;
}
