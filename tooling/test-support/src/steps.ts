import assert from "node:assert/strict";
import type { BaseStorage, ClaimedTask, NewTask, SettleAnswer } from "@omniq/core/storage";

/** Enqueues one task and answers its id. */
export async function enqueueOne(store: BaseStorage, task: Partial<NewTask> = {}): Promise<string> {
  const { groups } = await store.enqueue({ groups: [[{ name: "work", ...task }]] });
  const answer = groups[0]?.[0];
  if (answer?.status === "error") throw answer.error;
  assert.equal(answer?.status, "created");
  return answer.id;
}

/** Claims up to so many tasks of all queues. */
export async function claim(store: BaseStorage, limit = 10): Promise<readonly ClaimedTask[]> {
  return (await store.dequeue({ limit, workerId: "worker-1", leaseMs: 30_000 })).tasks;
}

/** Claims in one call: without a queue, a store is asked for their names before. */
export async function claimFrom(store: BaseStorage, queue: string): Promise<readonly ClaimedTask[]> {
  const queues = [{ name: queue, limit: 10 }];
  return (await store.dequeue({ queues, limit: 10, workerId: "worker-1", leaseMs: 30_000 })).tasks;
}

export async function claimOne(store: BaseStorage): Promise<ClaimedTask> {
  const [task] = await claim(store, 1);
  assert.ok(task, "nothing could be claimed");
  return task;
}

export async function complete(store: BaseStorage, task: ClaimedTask): Promise<SettleAnswer> {
  const { answers } = await store.settle({
    settlements: [{ task, outcome: { kind: "complete", result: 1 } }],
  });
  return answers[0] as SettleAnswer;
}

/** Enqueues a task alone three times under one minted id: anew, again, and with other content. */
export async function expectOneUnderItsId(store: BaseStorage): Promise<void> {
  const statuses: unknown[] = [];
  for (const payload of [1, 1, 2]) {
    const { groups } = await store.enqueue({ groups: [[{ name: "work", payload }]] });
    statuses.push(groups[0]?.[0]?.status);
  }
  assert.deepEqual(statuses, ["created", "existing", "error"]);
  const { tasks } = await store.listTasks();
  assert.deepEqual(
    tasks.map(({ payload }) => payload),
    ["1"],
  );
}
