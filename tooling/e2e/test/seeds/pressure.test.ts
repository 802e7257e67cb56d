import assert from "node:assert/strict";
import { defineTask } from "@omniq/core";
import { describe, it } from "vitest";
import { Rig, STORES } from "../../src/rig.ts";

const task = defineTask({ name: "task", run: (value: unknown) => value });

describe.each(STORES)("enqueues under pressure on %s", (store) => {
  it("have each its own outcome, in one batch with bad ones", async () => {
    const rig = await Rig.open(store, { tasks: [task] });
    const taken = await rig.queue.enqueue(task, "taken", { id: "taken" });
    const outcomes = await Promise.allSettled([
      rig.queue.enqueue(task, 1),
      rig.queue.enqueue(task, new Map()),
      rig.queue.enqueue(task, "x".repeat(rig.storage.capabilities.maxPayloadBytes + 1)),
      rig.queue.enqueue(task, "other content", { id: taken }),
      rig.queue.enqueue(task, 2, { priority: 99_999 }),
      rig.queue.enqueue(task, 3),
    ]);
    assert.deepEqual(
      outcomes.map((outcome) =>
        outcome.status === "fulfilled" ? "stored" : (outcome.reason as { readonly code: string }).code,
      ),
      ["stored", "not_serializable", "payload_too_large", "duplicate_task", "invalid_priority", "stored"],
    );
    assert.equal(await rig.drain(), 3);
  });
});
