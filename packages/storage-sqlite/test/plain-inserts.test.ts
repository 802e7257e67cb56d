import assert from "node:assert/strict";
import { ManualClock } from "@omniq/core/testing";
import { expectOneUnderItsId } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();

describe("a plain task", () => {
  it("is stored as the program for any task would store it", async () => {
    const store = place.store({ clock: new ManualClock(1000), ids: () => "minted" });
    await store.open();
    const handle = place.handle();
    const row = (): unknown => handle.prepare("select * from tasks").get();
    const groups = [
      [{ name: "work", queue: "q", priority: 2, payload: [1], due: { inMs: 5 }, maxRetries: 7 }],
    ];
    await store.enqueue({ groups });
    const plain = row();
    handle.exec("delete from tasks; begin");
    await store.enqueue({ groups, via: handle });
    handle.exec("commit");
    assert.ok(plain);
    assert.deepEqual(row(), plain);
  });

  it("is the same task under an id that is there, or a duplicate where its content is another", async () => {
    await expectOneUnderItsId(place.store({ ids: () => "minted" }));
  });
});
