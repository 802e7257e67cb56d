import assert from "node:assert/strict";
import { claimOne, complete, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();

describe("a token", () => {
  it("sorts after every one before it, as text, even if the counter goes back to where a backup had it", async () => {
    const store = place.store();
    const tokens: string[] = [];
    for (let claims = 0; claims < 60; claims++) {
      if (claims === 30) await place.sql(`select setval('${place.schema}.omniq_token', 1)`);
      await enqueueOne(store);
      const task = await claimOne(store);
      tokens.push(task.lease.token);
      await complete(store, task);
      // The time that the counter is kept ahead of is over before anything can be restored.
      if (claims === 29) await place.sql("select pg_sleep(0.05)");
    }
    assert.deepEqual(tokens.toSorted(), tokens);
    assert.equal(new Set(tokens).size, tokens.length);
    assert.equal(new Set(tokens.map((token) => token.length)).size, 1);
  });
});
