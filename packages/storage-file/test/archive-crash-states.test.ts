import assert from "node:assert/strict";
import type { OpenFile } from "@omniq/journal";
import { type DiskState, ModelDisk } from "@omniq/journal/testing";
import { FileStorage } from "@omniq/storage-file";
import { describe, it } from "vitest";
import { afterRestart } from "./support/restart.ts";
import { claimOne, complete, enqueueOne } from "@omniq/test-support/steps";

const FOLDER = "/jobs";
const IDS = Array.from({ length: 9 }, (_none, index) => `task ${index}`);

/** What each task is one after the other: its status and its run. */
function livesOf(id: string): readonly string[] {
  if (id === "task 0") return ["SUCCESS 1", "PENDING 2", "RUNNING 2", "SUCCESS 2", "purged"];
  return ["SUCCESS 1", id === "task 1" ? "deleted" : "purged"];
}

interface Moment {
  readonly after: string;
  readonly state: DiskState;
  /** The last of its lives that was acknowledged, of each task. */
  readonly known: readonly string[];
}

/**
 * Archives finished tasks, each by itself and then eight as one, brings one back, deletes one, and purges the rest,
 * with the journal rewritten in between. Answers every state that a crash could leave at each step.
 */
async function momentsOf(disk: ModelDisk): Promise<readonly Moment[]> {
  const moments: Moment[] = [];
  let known = IDS.map(() => "SUCCESS 1");
  const keep = (after: string): void => {
    for (const state of disk.crashStates()) moments.push({ after, state, known });
  };
  const acknowledge = (life: string, ids: readonly string[]): void => {
    known = known.map((before, index) => (ids.includes(IDS[index] as string) ? life : before));
    keep(`${ids.join(", ")}: ${life}`);
  };
  const before = new FileStorage({ folder: FOLDER, fileSystem: disk });
  await before.enqueue({ groups: [IDS.map((id) => ({ id, name: "work" }))] });
  for (let count = 0; count < IDS.length; count++) await complete(before, await claimOne(before));
  await before.close();
  disk.onStep = keep;
  const store = new FileStorage({ folder: FOLDER, fileSystem: disk, archiveAfter: 0, checkpointBytes: 3000 });
  await store.archive();
  await store.reschedule("task 0", new Date(0));
  acknowledge("PENDING 2", ["task 0"]);
  const again = await claimOne(store);
  acknowledge("RUNNING 2", ["task 0"]);
  await complete(store, again);
  acknowledge("SUCCESS 2", ["task 0"]);
  await store.deleteTask("task 1");
  acknowledge("deleted", ["task 1"]);
  await store.archive();
  // Makes the journal long enough to be rewritten, and leaves nothing to tell.
  const newest = newestSegmentOn(disk);
  await store.enqueue({ groups: [[{ id: "large", name: "work", payload: "x".repeat(8000) }]] });
  await store.deleteTask("large");
  while (disk.exists(newest)) await new Promise((resolve) => setImmediate(resolve));
  await store.purge({ before: Date.UTC(9000, 0, 1) });
  acknowledge(
    "purged",
    IDS.filter((id) => id !== "task 1"),
  );
  await store.close();
  return moments;
}

function newestSegmentOn(disk: ModelDisk): string {
  const names = disk.list(FOLDER).filter((name) => /^journal-\d+\.jsonl$/.test(name));
  return `${FOLDER}/${names.at(-1)}`;
}

/** Opens what is left: every task is what was acknowledged, or on its way from there, and is there once. */
async function expectWhole({ after, state, known }: Moment, archiveAfter: number): Promise<void> {
  const disk = new ModelDisk(afterRestart(state));
  const store = new FileStorage({ folder: FOLDER, fileSystem: disk, archiveAfter, onDamage: () => {} });
  try {
    const { tasks } = await store.listTasks({ limit: 100 });
    const listed = tasks.map(({ id }) => id).filter((id) => IDS.includes(id));
    assert.deepEqual(listed, [...new Set(listed)].toSorted(), "listed twice, or in another order");
    for (const [index, id] of IDS.entries()) {
      const task = await store.getTask(id);
      assert.equal(listed.includes(id), task !== null, `${id} is listed, or it is not`);
      if (task) {
        const result = await store.getResult(id, { run: task.run });
        assert.equal(
          result !== null,
          task.status === "SUCCESS",
          `${id} is ${task.status}, its result is another`,
        );
      }
      const lives = livesOf(id);
      const possible = lives.slice(lives.indexOf(known[index] as string));
      const found = task ? [`${task.status} ${task.run}`] : ["purged", "deleted"];
      assert.ok(
        found.some((life) => possible.includes(life)),
        `${id} is ${found[0]}, was ${known[index]}`,
      );
      if (known[index] === "deleted")
        assert.equal(await store.getResult(id), null, "the result of a deleted task");
    }
    await enqueueOne(store, { id: "afterwards", queue: "afterwards" });
    await store.archive();
    await store.close();
    const drafts = disk.list(FOLDER).filter((name) => name.endsWith(".draft"));
    assert.deepEqual(drafts, [], "left over");
  } catch (error) {
    (error as Error).message = `after ${after}: ${(error as Error).message}\n${[...state.keys()].join(" ")}`;
    throw error;
  } finally {
    await store.close();
  }
}

async function expectAllWhole(moments: readonly Moment[]): Promise<void> {
  // Now and then all that is left goes into archives anew.
  for (const [index, moment] of moments.entries()) await expectWhole(moment, index % 20 === 0 ? 0 : 10_000);
}

/** A disk on which archives are not synced. */
class WithoutSyncOfArchives extends ModelDisk {
  override create(path: string): OpenFile {
    const file = super.create(path);
    return path.includes("archive-") ? { ...file, sync: async () => {} } : file;
  }
}

/** A disk on which the folder is not synced while an archive is about to be named. */
class WithoutSyncOfTheirNames extends ModelDisk {
  override async syncFolder(path: string): Promise<void> {
    if (!this.list(path).some((name) => name.startsWith("archive-") && name.endsWith(".draft")))
      await super.syncFolder(path);
  }
}

describe("every state that a loss of power can leave", () => {
  it("while tasks are archived, come back, are merged and removed keeps them all", async () => {
    const disk = new ModelDisk();
    const moments = await momentsOf(disk);
    for (const step of [
      /^link .*archive-.*jsonl/,
      /^sync .*archive-.*draft/,
      /^remove .*archive-.*draft/,
      /^remove .*archive-.*jsonl/,
      /^link .*journal-2/,
    ])
      assert.ok(
        moments.some(({ after }) => step.test(after)),
        `no ${step.source}`,
      );
    await expectAllWhole(moments);
    process.stdout.write(`${moments.length} crash states of archives, each opened\n`);
    assert.ok(moments.length > 500, `only ${moments.length} states`);
  });

  it.each<[what: string, disk: () => ModelDisk, reason: RegExp]>([
    [
      "the bytes of an archive",
      () => new WithoutSyncOfArchives(),
      /task 0 is corrupt: .*archive-.* is damaged/,
    ],
    ["the name of an archive", () => new WithoutSyncOfTheirNames(), /archive-.* is missing/],
  ])("would lose tasks without the sync of %s", async (_what, disk, reason) => {
    const moments = await momentsOf(disk());
    await assert.rejects(expectAllWhole(moments), reason);
  });
});
