import type { BaseStorage } from "@omniq/core/storage";
import { expectRejection, expectSame, expectStorageError, expectThat } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { claimOne, complete, enqueue, enqueueOne, fail, read, readResult, retry, settled } from "../steps.ts";
import { EVERY_MINUTE } from "./every-minute.ts";

/**
 * Writes the tasks that a fixture of an old format holds. An author runs this once with each format that a release
 * has had, and keeps what it wrote: rule DAT-5 reads it with every later version of the adapter.
 *
 * @param store a new store, its clock standing at the first instant of the year 2026, UTC.
 */
export async function writeFixture(store: BaseStorage): Promise<void> {
  await enqueue(
    store,
    {
      id: "waiting",
      queue: "waiting",
      payload: { text: "ä 🜂 \u0000", list: [1, null, {}] },
      priority: 7,
      headers: { trace: "1" },
    },
    { id: "later", queue: "later", due: { inMs: 3_600_000 }, maxRetries: 0 },
    { id: "done", queue: "done" },
    { id: "broken", queue: "broken" },
    { id: "to be tried again", queue: "again", maxRetries: 5 },
    { id: "recurring", queue: "recurring", recurrence: EVERY_MINUTE },
    { id: "cancelled", queue: "cancelled" },
  );
  await settled(store, await claimOne(store, { queue: "done" }), complete({ answer: 42 }));
  await settled(store, await claimOne(store, { queue: "broken" }), fail("it broke"));
  await settled(store, await claimOne(store, { queue: "again" }), retry(1000));
  await settled(store, await claimOne(store, { queue: "recurring" }), complete("first run"));
  await store.cancel("cancelled");
  await store.pauseQueue("paused");
}

async function expectFixture(store: BaseStorage): Promise<void> {
  const states: unknown[] = [];
  for (const id of ["waiting", "later", "done", "broken", "to be tried again", "recurring", "cancelled"]) {
    const { status, run, attempts, failures, error } = await read(store, id);
    states.push([id, status, run, attempts, failures, error?.message ?? null]);
  }
  expectSame(
    states,
    [
      ["waiting", "PENDING", 1, 0, 0, null],
      ["later", "PENDING", 1, 0, 0, null],
      ["done", "SUCCESS", 1, 1, 0, null],
      ["broken", "FAILED", 1, 1, 1, "it broke"],
      ["to be tried again", "PENDING", 1, 1, 1, "it broke"],
      ["recurring", "PENDING", 2, 0, 0, null],
      ["cancelled", "CANCELLED", 1, 0, 0, null],
    ],
    "the tasks of the old format: status, run, attempts, failures, error",
  );
  const { payload, priority, headers } = await read(store, "waiting");
  expectSame(
    [payload, priority, { ...headers }],
    [{ text: "ä 🜂 \u0000", list: [1, null, {}] }, 7, { trace: "1" }],
    "payload, priority and headers of the old format",
  );
  expectSame((await readResult(store, "done")).value, { answer: 42 }, "a result of the old format");
  expectSame(
    (await readResult(store, "recurring", 1)).value,
    "first run",
    "the result of a past run of the old format",
  );
  expectSame((await readResult(store, "broken")).error?.message, "it broke", "an error of the old format");
  const queues = await store.listQueues();
  expectSame(
    queues.find(({ name }) => name === "paused")?.paused,
    true,
    "whether the queue of the old format is paused",
  );
  await settled(store, await claimOne(store, { queue: "waiting" }), complete());
  await settled(store, await claimOne(store, { queue: "again" }), complete());
  await enqueueOne(store, { id: "new" });
}

/** Rules about what other versions have written. */
export const formatRules: readonly Rule[] = [
  {
    id: "DAT-5",
    level: "capability",
    kinds: ["unit"],
    since: "1.0",
    topic: "data",
    statement: "Older-version fixtures load; a newer schema version is refused, not rewritten.",
    why: "An upgrade must find yesterday's tasks, and a rollback must not destroy tomorrow's.",
    capability: "durable",
    checks: [
      {
        name: "what every format that there was has written can be read, claimed and gone on with",
        needs: "durable",
        door: "format",
        async run(context) {
          const { fixtures = [] } = context.place.format ?? {};
          expectThat(fixtures.length > 0, "the harness names no fixture, not even of the present format");
          for (const index of fixtures.keys()) {
            const place = await context.beside();
            await place.place.format?.fixtures[index]?.load();
            await place.advance(60_000);
            await expectFixture(place.store);
            await context.leave(place);
          }
        },
      },
      {
        name: "a place that a newer version has written is refused, and left as it is",
        needs: "durable",
        door: "format",
        async run(context) {
          const { store, place } = context;
          await enqueueOne(store, { id: "kept" });
          await store.close();
          await place.format?.makeNewer();
          const before = await place.format?.contents();
          const older = context.connect();
          for (const call of [() => older.getTask("kept"), () => enqueueOne(older, { id: "new" })]) {
            const error = await expectRejection(call(), {}, "a call on a place of a newer format");
            expectStorageError(error, "a call on a place of a newer format");
          }
          await older.close();
          expectSame(await place.format?.contents(), before, "what is stored after it was refused");
        },
      },
    ],
  },
];
