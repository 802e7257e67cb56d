import assert from "node:assert/strict";
import { enqueueOne } from "@omniq/test-support/steps";
import { Redis } from "ioredis";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";
import { sharedServer } from "./support/server.ts";

const place = usePlace();
const recurrence = { everyMs: 60_000, cadence: "after", missed: "skip", onFailure: "continue" } as const;

describe("others are told", () => {
  it("once of what is enqueued, and of what is due sooner after a declaration that changed nothing", async () => {
    const store = await place.store();
    const listener = new Redis(await sharedServer());
    try {
      let told = 0;
      listener.on("message", () => told++);
      await listener.subscribe(`{${place.prefix}}:wake`);
      /** How often it was by now: what was published before is heard before the reply. */
      const toldSoFar = async (): Promise<number> => {
        await listener.ping();
        return told;
      };
      const declared = { id: "daily", name: "report", recurrence };
      assert.equal((await store.schedule(declared)).status, "created");
      assert.equal(await toldSoFar(), 1);
      assert.equal((await store.schedule(declared)).status, "unchanged");
      assert.equal(await toldSoFar(), 1);
      await store.reschedule("daily", new Date(0));
      assert.equal(await toldSoFar(), 2);
      await enqueueOne(store);
      assert.equal(await toldSoFar(), 3);
    } finally {
      listener.disconnect();
    }
  });
});
