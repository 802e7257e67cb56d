import type { TaskEvent } from "@omniq/core";
import { expectSame, expectThat } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { runHistories } from "../model/histories.ts";
import { LEASE_MS, claimOne, complete, enqueueOne, expectNoClaim, read, settled, started } from "../steps.ts";
import { allEvents, tellRefusals, tellStory } from "./event-stories.ts";
import { expectFiltersAgree } from "./event-filters.ts";

/** The rule about what is written down of each task. */
export const eventRules: readonly Rule[] = [
  {
    id: "EVT-1",
    level: "required",
    kinds: ["model"],
    since: "1.0",
    topic: "events",
    statement:
      "Each accepted transition yields one event with per-task increasing sequence [atomic with it where " +
      "eventsTransactional]; refused calls yield none; filters by task/type/time/limit agree with a full scan.",
    why: "Whoever looks for what went wrong at night has only these to go by.",
    checks: [
      {
        name: "each kind of transition yields its one event",
        async run(context) {
          const expected = await tellStory(context, context.store);
          for (const [id, types] of Object.entries(expected)) {
            const { events } = await context.connect().queryEvents({ taskId: id, limit: 1000 });
            expectSame(
              events.map(({ type }) => type),
              types,
              `the events of ${id}`,
            );
            expectIncreasing(events, `the events of ${id}`);
          }
        },
      },
      {
        name: "an event says when, in which run and attempt, and who",
        async run(context) {
          const { store } = context;
          const begin = context.now;
          const id = await enqueueOne(store);
          await context.advance(5);
          await claimOne(store, { workerId: "ann", leaseMs: LEASE_MS });
          await context.advance(LEASE_MS);
          await settled(store, await claimOne(store, { workerId: "ben" }), complete());
          const { events } = await store.queryEvents({ taskId: id });
          expectSame(
            events.map(({ type, timestamp, run }) => [type, timestamp.getTime() - begin, run]),
            [
              ["enqueued", 0, 1],
              ["started", 5, 1],
              ["lease_lost", 5 + LEASE_MS, 1],
              ["completed", 5 + LEASE_MS, 1],
            ],
            "type, time and run of each event",
          );
          expectSame(
            [events[1]?.workerId, events[1]?.attempt, events[3]?.workerId, events[3]?.attempt],
            ["ann", 1, "ben", 2],
            "worker and attempt of the start and of the end",
          );
        },
      },
      {
        name: "events that are appended stand behind those that there are",
        async run(context) {
          const { store } = context;
          const id = await enqueueOne(store);
          await context.advance(5);
          const facts = { taskId: id, run: 1, attempt: 2, workerId: "ann", data: '{"errorType":"timeout"}' };
          await store.appendEvents([
            { ...facts, type: "started" },
            { ...facts, type: "failed" },
          ]);
          const { events } = await context.connect().queryEvents({ taskId: id });
          expectSame(
            events.map(({ type }) => type),
            ["enqueued", "started", "failed"],
            "the events of a task, two of which were appended",
          );
          const { sequence: _sequence, ...last } = events[2] as TaskEvent;
          const data = { errorType: "timeout" };
          const timestamp = new Date(context.now);
          expectSame(last, { ...facts, type: "failed", timestamp, data }, "the event that was appended last");
          expectIncreasing(events, "the events of a task, two of which were appended");
        },
      },
      {
        name: "refused calls yield none",
        async run(context) {
          await tellRefusals(context, async (what, call) => {
            const before = (await allEvents(context.store)).length;
            await call();
            expectSame((await allEvents(context.store)).length - before, 0, `events added by ${what}`);
          });
        },
      },
      {
        name: "filters and pages agree with a full scan",
        async run(context) {
          await tellStory(context, context.store);
          await expectFiltersAgree(context);
        },
      },
      {
        name: "the sequence goes on after purgeEvents, and under an id that is used again",
        async run(context) {
          const { store } = context;
          await settled(store, await started(store, { id: "one" }), complete());
          const before = await allEvents(store);
          await store.deleteTask("one");
          await context.advance(1);
          expectSame(
            await store.purgeEvents({ before: context.now, limit: 3 }),
            3,
            "events purged, at most 3",
          );
          expectSame(await store.purgeEvents({ before: context.now }), 1, "events purged, one being left");
          expectSame(await store.purgeEvents({ before: context.now }), 0, "events purged, none being left");
          await enqueueOne(store, { id: "one" });
          const after = await allEvents(store);
          expectSame(
            after.map(({ type }) => type),
            ["enqueued"],
            "the events after the purge",
          );
          expectIncreasing([...before, ...after], "the events before and after the purge");
        },
      },
      {
        name: "no reader sees a change without its event",
        needs: "eventsTransactional",
        async run(context) {
          const { store } = context;
          const readers = context.connectMany(3);
          for (let round = 0; round < 20; round++) {
            const task = await started(store);
            const { id } = task.record;
            const looks = readers.map(async (reader) => {
              const { status } = await read(reader, id);
              const { events } = await reader.queryEvents({ taskId: id });
              const told = events.some(({ type }) => type === "completed");
              expectThat(
                status !== "SUCCESS" || told,
                "a task was seen SUCCESS without the event of its end",
              );
            });
            await Promise.all([settled(store, task, complete()), ...looks]);
          }
          await expectNoClaim(store, "all tasks have ended");
        },
      },
      { name: "random histories against a model", run: (context) => runHistories(context, "events") },
    ],
  },
];

function expectIncreasing(events: readonly { readonly sequence: number }[], what: string): void {
  for (const [index, { sequence }] of events.entries()) {
    const last = events[index - 1]?.sequence ?? 0;
    expectThat(sequence > last, `${what}: the sequence ${sequence} follows ${last}`);
  }
}
