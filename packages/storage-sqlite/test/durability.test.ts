import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();

describe("DUR-6: the settings that durability rests on", () => {
  it.each([
    [undefined, "2", true],
    ["full", "2", true],
    ["relaxed", "1", false],
  ] as const)(
    "of durability %s are read back from the live store",
    async (durability, synchronous, survives) => {
      const {
        adapter,
        capabilities,
        durability: settings,
        versions,
      } = await place.store(durability ? { durability } : {}).describe();
      assert.equal(adapter, "sqlite");
      assert.equal(settings["journal_mode"], "wal");
      assert.equal(settings["synchronous"], synchronous);
      assert.deepEqual([capabilities.durable, capabilities.survivesPowerLoss], [true, survives]);
      assert.match(versions["sqlite"] ?? "", /^3\.\d+\.\d+$/);
      assert.equal(versions["schema"], "1");
    },
  );

  it("are promised by no store that lives in memory", async () => {
    const { capabilities } = await place.store({ path: ":memory:" }).describe();
    const { durable, multiProcess, wakeup, survivesPowerLoss } = capabilities;
    assert.deepEqual([durable, multiProcess, wakeup, survivesPowerLoss], [false, false, false, false]);
  });
});
