import assert from "node:assert/strict";
import { withinTime } from "@omniq/core/storage";
import { describe, it } from "vitest";

describe("work within a time limit", () => {
  it("settles as the work does", async () => {
    const never = (): Error => new Error("too late");
    assert.equal(await withinTime(60_000, Promise.resolve(1), never), 1);
    await assert.rejects(withinTime(60_000, Promise.reject(new Error("its own")), never), {
      message: "its own",
    });
  });

  it("rejects once it takes longer, and nobody hears how the work ends", async () => {
    const work = Promise.withResolvers<number>();
    await assert.rejects(
      withinTime(1, work.promise, () => new Error("too late")),
      { message: "too late" },
    );
    work.reject(new Error("afterwards"));
    await new Promise((resolve) => setImmediate(resolve));
  });
});
