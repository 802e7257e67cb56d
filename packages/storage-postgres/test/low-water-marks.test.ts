import assert from "node:assert/strict";
import type { PostgresStorage } from "@omniq/storage-postgres";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";
import { claim, claimOne, enqueueOne } from "@omniq/test-support/steps";

const place = usePlace();
const START = Date.UTC(2026, 0, 1);

/** A store with these tasks, each due so long after the one before that marks come to lie between them. */
async function storeWith(ids: readonly string[]): Promise<{ store: PostgresStorage; end: number }> {
  const store = place.store({ testClock: true });
  let now = START;
  for (const id of ids) {
    await store.setTestClock((now += 200));
    await enqueueOne(store, { id });
  }
  return { store, end: now };
}

async function claimedIds(store: PostgresStorage, limit: number): Promise<readonly string[]> {
  return (await claim(store, limit)).map(({ record }) => record.id);
}

describe("claims that go by low-water marks", () => {
  it("do not pass the entries of what was claimed before", async () => {
    const pool = place.pool({ max: 1 });
    const store = place.store({ pool, testClock: true });
    await store.open();
    await place.sql(`alter table ${place.schema}.tasks set (autovacuum_enabled = false)`);
    for (let batch = 1; batch <= 12; batch++) {
      await store.setTestClock(START + batch * 200);
      await store.enqueue({ groups: Array.from({ length: 1000 }, () => [{ name: "work" }]) });
    }
    for (let batch = 1; batch <= 11; batch++) {
      const tasks = await claim(store, 1000);
      await store.settle({
        settlements: tasks.map((task) => ({ task, outcome: { kind: "complete" as const } })),
      });
    }
    const blocksOf = async (claims: PostgresStorage): Promise<number> => {
      const read = async (): Promise<number> => {
        await pool.query("select pg_stat_force_next_flush()");
        const [row] = await place.sql<{ blocks: string }>(
          `select idx_blks_hit + idx_blks_read as blocks from pg_statio_user_indexes
            where schemaname = $1 and indexrelname = 'tasks_due'`,
          [place.schema],
        );
        return Number(row?.blocks);
      };
      const before = await read();
      assert.equal((await claim(claims, 10)).length, 10);
      return (await read()) - before;
    };
    const newcomer = place.store({ pool, testClock: true });
    await newcomer.open();
    const [byMarks, byAll] = [await blocksOf(store), await blocksOf(newcomer)];
    assert.ok(byMarks * 2 < byAll, `${byMarks} blocks by marks, ${byAll} without`);
  });

  it("find what was given back, and what is due since before, in its order", async () => {
    const { store, end } = await storeWith(["a", "b", "c", "d", "e"]);
    const [first] = [await claimOne(store), await claimOne(store), await claimOne(store)];
    await store.settle({ settlements: [{ task: first, outcome: { kind: "release", reason: "shutdown" } }] });
    await enqueueOne(store, { id: "past", due: { at: START } });
    await store.setTestClock(end + 200);
    await enqueueOne(store, { id: "urgent", priority: 1 });
    assert.deepEqual(await claimedIds(store, 1), ["urgent"]);
    assert.deepEqual(await claimedIds(store, 2), ["past", "a"]);
    assert.deepEqual(await claimedIds(store, 9), ["d", "e"]);
  });

  it("find lapsed leases", async () => {
    const { store, end } = await storeWith(["a", "b", "c", "d"]);
    await store.dequeue({ limit: 1, workerId: "short", leaseMs: 300 });
    assert.deepEqual(await claimedIds(store, 1), ["b"]);
    await store.setTestClock(end + 299);
    assert.deepEqual(await claimedIds(store, 1), ["c"]);
    await store.setTestClock(end + 300);
    assert.deepEqual(await claimedIds(store, 1), ["a"]);
  });

  it("find what a transaction commits below them, a second later, or when little else is there", async () => {
    for (const waits of [true, false]) {
      const { store, end } = await storeWith(["a", "b", "c", "d", "e"].map((id) => `${id} ${waits}`));
      const client = await place.pool().connect();
      await store.setTestClock(START);
      await client.query("begin");
      await store.enqueue({ via: client, groups: [[{ name: "work", id: `slow ${waits}` }]] });
      await store.setTestClock(end);
      assert.deepEqual(await claimedIds(store, 2), [`a ${waits}`, `b ${waits}`]);
      await client.query("commit");
      client.release();
      if (waits) {
        await store.setTestClock(end + 1000);
        assert.deepEqual(await claimedIds(store, 1), [`c ${waits}`]);
        assert.deepEqual(await claimedIds(store, 1), [`slow ${waits}`]);
      }
      const rest = waits ? ["d", "e"] : ["c", "d", "e", "slow"];
      assert.deepEqual(
        await claimedIds(store, 9),
        rest.map((id) => `${id} ${waits}`),
      );
    }
  });
});
