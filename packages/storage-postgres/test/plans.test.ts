import assert from "node:assert/strict";
import { claim, complete, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();

describe("the plans of the hot statements", () => {
  it("go by an index or a row's own place, even on empty tables", async () => {
    const plans: string[] = [];
    const pool = place.pool({ max: 1 });
    // What the functions do is only told by the server itself.
    pool.on("connect", (client) => {
      client.on("notice", ({ message }) => plans.push(message ?? ""));
      void client.query(
        "load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on; " +
          "set client_min_messages = log",
      );
    });
    const store = place.store({ pool, events: "all" });
    await store.open();
    plans.length = 0;
    await enqueueOne(store, { id: "a", dedupe: { key: "k", debounce: true } });
    await store.enqueue({ groups: [[{ name: "work", dedupe: { key: "k", debounce: true } }]] });
    await enqueueOne(store, { id: "b", policies: { keep: "none" } });
    await enqueueOne(store, { id: "c" });
    await store.enqueue({ groups: [[{ name: "work" }, { name: "work" }]] });
    await enqueueOne(place.store({ pool }));
    const [first, second] = await claim(store, 2);
    assert.ok(first && second);
    await store.renew({ renewals: [{ lease: first.lease, leaseMs: 1 }] });
    await complete(store, first);
    await complete(store, second);
    await complete(store, second);
    await store.nextDue();
    await store.dequeue({ limit: 1, workerId: "w", leaseMs: 1 });
    await store.dequeue({ limit: 1, workerId: "w", leaseMs: 1 });
    const queues = Array.from({ length: 10 }, (_, index) => ({ name: `queue ${index}`, limit: 1 }));
    await store.dequeue({ limit: 1, workerId: "w", leaseMs: 1, queues });
    const nested = plans.filter((plan) => /Query Text/.test(plan));
    assert.ok(nested.length > 10, "the server told of no plans");
    const scans = nested.filter((plan) => /Seq Scan on (?:tasks|results|events)/.test(plan));
    assert.deepEqual(scans, []);
    // Nor is what a call brings compared each with each.
    const squares = nested.filter((plan) => /Join Filter: .*ordinality = /.test(plan));
    assert.deepEqual(squares, []);
    for (const expected of [
      /Index (?:Only )?Scan using tasks_due.*\n.*Index Cond: .*queue = .*priority = .*eta <= /,
      /Index (?:Only )?Scan (?:Backward )?using tasks_due.*\n.*Index Cond: .*queue = .*priority < /,
      /Index (?:Only )?Scan using tasks_late.*\n.*Index Cond: .*queue = .*priority = .*eta < /,
      /Index Scan using tasks_leased.*\n.*Index Cond: .*queue = .*lease_until <= /,
      /Function Scan on unnest q[^]*tasks_due[^]*Index Cond: .*queue = q\.name[^]*tasks_leased[^]*Index Cond: .*queue = q\.name/,
      /Tid Scan on tasks/,
      /Index Scan using tasks_id_key on tasks/,
      /Index Scan using tasks_deduped/,
    ])
      assert.ok(
        nested.some((plan) => expected.test(plan)),
        `no plan with ${String(expected)}\n${nested.join("\n")}`,
      );
  });
});
