import assert from "node:assert/strict";
import { cpSync, statSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { ManualClock } from "@omniq/core/testing";
import { claimOne, complete, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();

/** Waits until the machine's clock is beyond the time that a token was taken at. */
async function timeIsBeyond(token: string): Promise<void> {
  while (Date.now() * 1000 <= Number(token)) await turn();
}

describe("a token", () => {
  it("sorts after every one before it, as text, whatever the store's clock does", async () => {
    const clock = new ManualClock();
    const store = place.store({ clock });
    const tokens: string[] = [];
    for (let claims = 0; claims < 200; claims++) {
      if (claims % 50 === 25) clock.set(clock.now() - 86_400_000);
      await enqueueOne(store, { due: { at: 0 } });
      const task = await claimOne(store);
      tokens.push(task.lease.token);
      await complete(store, task);
    }
    assert.deepEqual(tokens.toSorted(), tokens);
    assert.equal(new Set(tokens).size, tokens.length);
    assert.equal(new Set(tokens.map((token) => token.length)).size, 1);
  });

  it("is not taken, nor anything else written, by a look that finds nothing due", async () => {
    const store = place.store();
    await enqueueOne(store, { due: { inMs: 3_600_000 } });
    const size = (): number => statSync(`${place.path}-wal`).size;
    const before = size();
    for (let look = 0; look < 5; look++)
      assert.deepEqual((await store.dequeue({ limit: 1, workerId: "w", leaseMs: 1000 })).tasks, []);
    assert.equal(size(), before);
  });

  it("is never given again by an older copy of the file", async () => {
    const first = place.store();
    for (const id of ["a", "b", "c"]) await enqueueOne(first, { id });
    const before = (await claimOne(first)).lease.token;
    await first.close();
    const backup = join(place.folder, "backup.db");
    cpSync(place.path, backup);

    const second = place.store();
    const given = [(await claimOne(second)).lease.token, (await claimOne(second)).lease.token];
    await second.close();
    await timeIsBeyond(given[1] as string);

    cpSync(backup, place.path);
    const restored = (await claimOne(place.store())).lease.token;
    const tokens = [before, ...given, restored];
    assert.deepEqual(tokens.toSorted(), tokens);
    assert.equal(new Set(tokens).size, 4);
  });
});
