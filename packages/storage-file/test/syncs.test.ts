import assert from "node:assert/strict";
import { claim, complete, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";
import { wrappedFiles } from "./support/wrapped-files.ts";

const place = usePlace();

/** Counts, and knows the files that hold bytes which are not on the disk. */
function countedFiles() {
  const dirty = new Set<string>();
  const isAbout = (path: string): boolean => path.endsWith(".jsonl") || path.endsWith(".draft");
  const counts = { writes: 0, syncs: 0 };
  const files = wrappedFiles({
    afterWrite(_bytes, path) {
      if (!isAbout(path)) return;
      counts.writes++;
      dirty.add(path);
    },
    afterSync(path) {
      counts.syncs++;
      dirty.delete(path);
    },
  });
  return { files, dirty, counts };
}

describe("an acknowledgement", () => {
  it("never comes before the sync that covers it", async () => {
    const { files, dirty } = countedFiles();
    const store = place.store({ fileSystem: files, events: "all", checkpointBytes: 20_000 });
    const acknowledged = async <T>(call: Promise<T>): Promise<T> => {
      const answer = await call;
      const unsynced = [...dirty].filter((path) => path.endsWith(".jsonl"));
      assert.deepEqual(unsynced, [], "written, acknowledged, and not on the disk");
      return answer;
    };
    for (let round = 0; round < 20; round++) {
      await acknowledged(enqueueOne(store));
      await acknowledged(enqueueOne(store));
      const [task, other] = await acknowledged(claim(store));
      assert.ok(task && other);
      await acknowledged(store.renew({ renewals: [{ lease: task.lease, leaseMs: 1000 }] }));
      await acknowledged(complete(store, task));
      await acknowledged(store.cancel(other.record.id));
      await acknowledged(store.deleteTask(other.record.id));
      await acknowledged(store.pauseQueue("other"));
      await acknowledged(store.purge({ before: 1 }));
    }
  });

  it("is shared by the calls that wait for it", async () => {
    const { files, counts } = countedFiles();
    const store = place.store({ fileSystem: files });
    await store.open();
    const before = { ...counts };
    await Promise.all(Array.from({ length: 64 }, () => enqueueOne(store)));
    assert.ok(counts.syncs - before.syncs <= 2, `${counts.syncs - before.syncs} syncs for 64 calls`);
    assert.ok(counts.writes - before.writes <= 2, `${counts.writes - before.writes} writes for 64 calls`);
  });

  it("of what changes nothing needs no write", async () => {
    const { files, counts } = countedFiles();
    const store = place.store({ fileSystem: files });
    await enqueueOne(store, { id: "a", due: { inMs: 60_000 } });
    const before = { ...counts };
    await claim(store);
    await store.getTask("a");
    await store.nextDue();
    await store.enqueue({ groups: [[{ id: "a", name: "work", due: { inMs: 60_000 } }]] });
    assert.deepEqual(counts, before);
  });
});
