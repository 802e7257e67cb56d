import { TaskError } from "@omniq/core";
import type {
  BaseStorage,
  ClaimedTask,
  DequeueParams,
  EnqueueAnswer,
  NewTask,
  RenewAnswer,
  SettleAnswer,
  Settlement,
  TaskRecord,
} from "@omniq/core/storage";
import type { Task, TaskResult } from "@omniq/core";
import { expectSame, expectThat, show } from "./expect.ts";

/*
 * The calls that checks are made of. Each says what it observed where the store does not answer as it must.
 */

export type Outcome = Settlement["outcome"];

/** Where tasks go unless a check says otherwise. */
export const QUEUE = "work";
export const LEASE_MS = 30_000;

/** Some task; what matters to the check is passed in. */
export function newTask(given: Partial<NewTask> = {}): NewTask {
  return { name: "sample", queue: QUEUE, payload: { some: "payload" }, ...given };
}

/** Enqueues tasks in one call, each a group of its own; all must be created. */
export async function enqueue(store: BaseStorage, ...tasks: readonly Partial<NewTask>[]): Promise<string[]> {
  const { groups } = await store.enqueue({ groups: tasks.map((task) => [newTask(task)]) });
  return groups.map(([answer], index) => {
    expectThat(
      answer?.status === "created",
      `enqueue of a new task answered ${show(answer)}, expected created`,
    );
    const given = tasks[index]?.id;
    if (given !== undefined) expectSame(answer.id, given, "the id that enqueue answered");
    return answer.id;
  });
}

/** Enqueues so many tasks. */
export function enqueueMany(
  store: BaseStorage,
  count: number,
  task: Partial<NewTask> = {},
): Promise<string[]> {
  return enqueue(store, ...Array.from({ length: count }, () => task));
}

/** Enqueues one task as it stands; answers whatever the store answers. */
export async function offer(store: BaseStorage, task: NewTask): Promise<EnqueueAnswer> {
  const { groups } = await store.enqueue({ groups: [[task]] });
  const answer = groups[0]?.[0];
  expectThat(groups.length === 1 && answer !== undefined, `enqueue of one task answered ${show(groups)}`);
  return answer;
}

/** Enqueues one task, which must be created. */
export async function enqueueOne(store: BaseStorage, task: Partial<NewTask> = {}): Promise<string> {
  const [id] = await enqueue(store, task);
  return id as string;
}

export interface ClaimOptions extends Partial<Omit<DequeueParams, "queues">> {
  readonly queue?: string;
  readonly queues?: DequeueParams["queues"];
}

/** Claims; from the usual queue unless told otherwise. */
export async function claim(store: BaseStorage, options: ClaimOptions = {}): Promise<readonly ClaimedTask[]> {
  const {
    limit = 1,
    workerId = "worker",
    leaseMs = LEASE_MS,
    queue = QUEUE,
    queues = [{ name: queue, limit }],
  } = options;
  return (await store.dequeue({ queues, limit, workerId, leaseMs })).tasks;
}

/** Claims the one task that must be there to be claimed. */
export async function claimOne(store: BaseStorage, options: ClaimOptions = {}): Promise<ClaimedTask> {
  const [task, ...more] = await claim(store, { limit: 1, ...options });
  expectThat(task !== undefined, "dequeue returned no task although one was due");
  expectThat(more.length === 0, `dequeue returned ${more.length + 1} tasks with limit 1`);
  return task;
}

/** Enqueues a task and claims it; it must be the only one due in its queue. */
export async function started(
  store: BaseStorage,
  task: Partial<NewTask> = {},
  options: ClaimOptions = {},
): Promise<ClaimedTask> {
  const id = await enqueueOne(store, task);
  const claimed = await claimOne(store, {
    ...(task.queue !== undefined && { queue: task.queue }),
    ...options,
  });
  expectSame(claimed.record.id, id, "the id of the task that dequeue returned");
  return claimed;
}

/** Nothing may be there to be claimed. */
export async function expectNoClaim(
  store: BaseStorage,
  why: string,
  options: ClaimOptions = {},
): Promise<void> {
  const tasks = await claim(store, { limit: 10, ...options });
  expectSame(idsOf(tasks), [], `tasks that dequeue returned although ${why}`);
}

export function idsOf(tasks: readonly ClaimedTask[]): string[] {
  return tasks.map(({ record }) => record.id);
}

/** Settles one lease; answers whatever the store answers. */
export async function settle(store: BaseStorage, task: ClaimedTask, outcome: Outcome): Promise<SettleAnswer> {
  const { answers } = await store.settle({ settlements: [{ task, outcome }] });
  const [answer] = answers;
  expectThat(answers.length === 1 && answer !== undefined, `settle of one lease answered ${show(answers)}`);
  return answer;
}

/** Settles a lease that holds. */
export async function settled(store: BaseStorage, task: ClaimedTask, outcome: Outcome): Promise<void> {
  const answer = await settle(store, task, outcome);
  expectThat(
    answer.status === "settled",
    `settle (${outcome.kind}) of a lease that holds answered ${show(answer)}, expected settled`,
  );
}

/** Renews one lease; answers whatever the store answers. */
export async function renew(store: BaseStorage, task: ClaimedTask, leaseMs = LEASE_MS): Promise<RenewAnswer> {
  const { answers } = await store.renew({ renewals: [{ lease: task.lease, leaseMs }] });
  const [answer] = answers;
  expectThat(answers.length === 1 && answer !== undefined, `renew of one lease answered ${show(answers)}`);
  return answer;
}

/** The task of this id, which must be there. */
export async function read(store: BaseStorage, id: string): Promise<Task> {
  const task = await store.getTask(id);
  expectThat(task !== null, `getTask answered null for ${JSON.stringify(id)}, which is stored`);
  return task;
}

/** The result of this id and run, which must be there. */
export async function readResult(store: BaseStorage, id: string, run?: number): Promise<TaskResult> {
  const result = await store.getResult(id, run === undefined ? {} : { run });
  expectThat(
    result !== null,
    `getResult answered null for ${id}, run ${run ?? "latest"}, whose result is stored`,
  );
  return result;
}

/** Every task, page by page. */
export async function listAll(store: BaseStorage, limit = 1000): Promise<TaskRecord[]> {
  const tasks: TaskRecord[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.listTasks({ cursor, limit });
    tasks.push(...page.tasks);
    cursor = page.cursor;
  } while (cursor !== null);
  return tasks;
}

/** How many tasks are stored, of one status or of all. */
export async function countOf(store: BaseStorage, status?: Task["status"]): Promise<number> {
  const counts = await store.countTasks();
  return counts
    .filter((entry) => status === undefined || entry.status === status)
    .reduce((sum, { count }) => sum + count, 0);
}

export const complete = (result: unknown = null): Outcome => ({ kind: "complete", result });
export const fail = (message?: string): Outcome => ({ kind: "fail", error: someError(message) });
export const retry = (inMs: number, message?: string): Outcome => ({
  kind: "retry",
  error: someError(message),
  due: { inMs },
});
export const release: Outcome = { kind: "release" };

/** An error with every field given, so that nothing of it depends on when or where it was made. */
export function someError(message = "it broke"): TaskError {
  return new TaskError(
    {
      errorType: "runtime",
      message,
      timestamp: new Date(86_400_000),
      traceback: "at some line",
      retryCount: 0,
      isRetryable: true,
    },
    { context: { order: 7 }, exceptionType: "OrderError" },
  );
}
