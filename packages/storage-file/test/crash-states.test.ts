import assert from "node:assert/strict";
import { TaskError } from "@omniq/core";
import type { BaseStorage } from "@omniq/core/storage";
import { type DiskState, ModelDisk } from "@omniq/journal/testing";
import { FileStorage } from "@omniq/storage-file";
import { claim, claimOne, complete, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { afterRestart } from "./support/restart.ts";

const folder = "/jobs";
/** What a task is, in one word; `done` only together with its result. */
async function stateOf(store: BaseStorage, id: string): Promise<string> {
  const task = await store.getTask(id);
  const result = await store.getResult(id);
  assert.equal(
    task?.status === "SUCCESS",
    result !== null,
    `${id} is ${task?.status}, its result ${result?.status}`,
  );
  return task ? `${task.status} ${task.attempts}` : "absent";
}

describe("every state that a loss of power can leave", () => {
  it("while tasks are enqueued, claimed, settled, cancelled and the journal is rewritten keeps the rules", async () => {
    const disk = new ModelDisk();
    const moments: {
      readonly state: DiskState;
      readonly after: string;
      readonly passed: readonly string[];
      /** How many tasks of the other queue are there for certain. */
      readonly stored: number;
    }[] = [];
    let stored = 0;
    /** What task `a` has been acknowledged to be, and what may follow. */
    const passed: string[] = ["absent"];
    let group = "none";
    const groups: string[] = [];
    disk.onStep = (after) => {
      for (const state of disk.crashStates()) {
        moments.push({ state, after, passed: [...passed], stored });
        groups.push(group);
      }
    };
    const store = new FileStorage({ folder, fileSystem: disk, events: "all", checkpointBytes: 1500 });
    const all = ["absent", "PENDING 0", "RUNNING 1", "PENDING 1", "RUNNING 2", "SUCCESS 2"];
    await enqueueOne(store, { id: "a", priority: 9 });
    passed.push("PENDING 0");
    await store.enqueue({ groups: [["g1", "g2", "g3"].map((id) => ({ id, name: "work" }))] });
    group = "stored";
    const first = await claimOne(store);
    passed.push("RUNNING 1");
    const failure = TaskError.fromException(new Error("once more"));
    const { answers } = await store.settle({
      settlements: [{ task: first, outcome: { kind: "retry", error: failure, due: { inMs: 0 } } }],
    });
    assert.equal(answers[0]?.status, "settled");
    passed.push("PENDING 1");
    const second = await claimOne(store);
    passed.push("RUNNING 2");
    assert.equal((await complete(store, second)).status, "settled");
    passed.push("SUCCESS 2");
    for (let round = 0; round < 8; round++) {
      await enqueueOne(store, { id: `more ${round}`, queue: "more" });
      stored++;
    }
    // Several lines in one append, each about another task.
    const several = await store.dequeue({
      limit: 4,
      workerId: "worker-1",
      leaseMs: 30_000,
      queues: [{ name: "more", limit: 4 }],
    });
    await store.settle({
      settlements: several.tasks.map((task) => ({ task, outcome: { kind: "complete" as const, result: 1 } })),
    });
    await store.cancel("more 5");
    stored--;
    await store.deleteTask("more 7");
    await store.close();
    assert.ok(!disk.exists(`${folder}/journal-1.jsonl`), "the journal was not rewritten meanwhile");

    for (const [index, { state, after, passed: known, stored: certain }] of moments.entries()) {
      const left = new ModelDisk(afterRestart(state));
      const reopened = new FileStorage({ folder, fileSystem: left });
      try {
        const found = await stateOf(reopened, "a");
        assert.ok(
          all.indexOf(found) >= all.indexOf(known.at(-1) as string),
          `a is ${found}, was ${known.at(-1)}`,
        );
        const members = await Promise.all(["g1", "g2", "g3"].map((id) => reopened.getTask(id)));
        const there = members.filter((task) => task !== null).length;
        assert.ok(there === 3 || (there === 0 && groups[index] === "none"), `${there} of a group of 3`);
        for (let number = 0; number < certain; number++) await stateOf(reopened, `more ${number}`);
        const { tasks } = await reopened.listTasks({ queue: "more" });
        assert.ok(tasks.length >= certain, `${tasks.length} tasks of ${certain}`);
        await enqueueOne(reopened, { id: "afterwards", queue: "afterwards" });
        assert.ok((await claim(reopened, 100)).some(({ record }) => record.id === "afterwards"));
      } catch (error) {
        (error as Error).message = `after ${after}: ${(error as Error).message}`;
        throw error;
      } finally {
        await reopened.close();
      }
    }
    process.stdout.write(`${moments.length} crash states of the store, each opened\n`);
    assert.ok(moments.length > 300, `only ${moments.length} states`);
  });
});
