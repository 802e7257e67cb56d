import assert from "node:assert/strict";
import { OmniQ, defineTask } from "@omniq/core";
import { describe, it } from "vitest";
import * as adapter from "../template/src/map-storage.ts";

describe("the template's store", () => {
  it("is opened by a URL, with the options that it takes", async () => {
    const task = defineTask({ name: "task", run: () => "done" });
    await using omniq = await OmniQ.open("map:", { adapter, tasks: [task], events: "all" });
    const id = await omniq.enqueue(task);
    await omniq.worker().processTasks();
    assert.equal((await omniq.getResult(id))?.value, "done");
    assert.equal((await omniq.queryEvents({ taskId: id })).events.length, 3);
  });
});
