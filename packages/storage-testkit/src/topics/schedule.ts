import type { BaseStorage, NewTask } from "@omniq/core/storage";
import { expectSame, expectThat } from "../expect.ts";
import { interceptHook } from "../hooks.ts";
import type { Rule } from "../rule.ts";
import type { RuleContext } from "../rule-context.ts";
import { unchanged } from "../snapshot.ts";
import { STATUSES, taskIn } from "../states.ts";
import {
  QUEUE,
  claim,
  claimOne,
  complete,
  fail,
  idsOf,
  newTask,
  read,
  readResult,
  renew,
  settled,
  started,
} from "../steps.ts";
import { EVERY_MINUTE, MINUTE } from "./every-minute.ts";

const ONE = newTask({ id: "one", recurrence: EVERY_MINUTE });

const EVERY_SECOND = {
  ...newTask({ recurrence: { ...EVERY_MINUTE, everyMs: 1000 } }),
  id: "one",
} satisfies NewTask;

/** Rules about declaring a recurring task anew. */
export const scheduleRules: readonly Rule[] = [
  {
    id: "SCH-2",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "recurring",
    statement:
      "`schedule` with unchanged content changes nothing in any state; changed content raises scheduleVersion.",
    why: "Every deployment declares its schedules anew; that must not restart them.",
    checks: [
      {
        name: "unchanged content, in each state",
        async run({ store }) {
          for (const status of STATUSES) {
            const declared = { recurrence: { ...EVERY_MINUTE, onFailure: "stop" } } as const;
            const queue = `queue of ${status}`;
            const task = { ...newTask(declared), id: status, queue };
            expectSame(
              await store.schedule(task),
              { id: status, status: "created" },
              "the first declaration",
            );
            await bringTo(store, status, queue);
            if (status !== "SUCCESS")
              expectSame((await read(store, status)).status, status, "the status brought about");
            await unchanged(store, status, `the same declaration of a ${status} task`, async () => {
              expectSame(
                await store.schedule(task),
                { id: status, status: "unchanged" },
                "the same declaration again",
              );
            });
          }
        },
      },
      {
        name: "changed content raises the version and takes effect",
        async run(context) {
          const { store } = context;
          const declare = (everyMs: number) =>
            store.schedule({ ...newTask({ recurrence: { ...EVERY_MINUTE, everyMs } }), id: "one" });
          expectSame((await declare(MINUTE)).status, "created", "the first declaration");
          for (const [everyMs, version] of [
            [2000, 2],
            [3000, 3],
            [2000, 4],
          ] as const) {
            expectSame(
              await declare(everyMs),
              { id: "one", status: "updated" },
              "a declaration with other content",
            );
            expectSame(
              (await read(context.connect(), "one")).schedule.interval?.totalMilliseconds,
              everyMs,
              "the interval stored",
            );
            expectSame(
              (await store.listTasks()).tasks.map(({ scheduleVersion }) => scheduleVersion),
              [version],
              "scheduleVersion",
            );
          }
          expectSame(idsOf(await claim(store, { limit: 9 })), ["one"], "tasks that dequeue returned");
        },
      },
      {
        name: "a running task keeps its lease, a cancelled one stays as it is",
        async run({ store }) {
          const running = await started(store, { id: "running", recurrence: EVERY_MINUTE });
          const changed = { ...newTask({ queue: QUEUE, recurrence: { ...EVERY_MINUTE, everyMs: 1 } }) };
          expectSame((await store.schedule({ ...changed, id: "running" })).status, "updated", "the answer");
          expectSame((await renew(store, running)).status, "renewed", "the holder's renew");
          const { id } = await taskIn(store, "CANCELLED", "cancelled", { recurrence: EVERY_MINUTE });
          await unchanged(store, id, "another declaration of a cancelled task", async () => {
            expectSame((await store.schedule({ ...changed, id })).status, "unchanged", "the answer");
          });
        },
      },
    ],
  },
  {
    id: "SCH-3",
    level: "required",
    kinds: ["race"],
    since: "1.0",
    topic: "recurring",
    statement:
      "A settlement with a next run names the scheduleVersion it was computed from; if the row's is newer it answers " +
      "outdated with the present schedule and changes nothing, and the base class computes again.",
    why: "The run in progress would put back the schedule that was just replaced.",
    checks: [
      {
        name: "the schedule changes while the task runs",
        async run(context) {
          const { store } = context;
          const task = await started(store, ONE);
          await context.connect().schedule(EVERY_SECOND);
          await settled(store, task, complete("done"));
          await expectNewSchedule(context, [1000]);
        },
      },
      {
        name: "the schedule changes between the decision and the write",
        async run(context) {
          const { store } = context;
          const other = context.connect();
          const task = await started(store, ONE);
          let writes = 0;
          interceptHook(store, "doWrite", async (args, original) => {
            if (writes++ === 0) await other.schedule(EVERY_SECOND);
            return original(...args);
          });
          await settled(store, task, complete("done"));
          expectSame(writes, 2, "writes tried: the outdated one and the one computed again");
          await expectNewSchedule(context, [1000]);
        },
      },
      {
        name: "both at once",
        async run(context) {
          const [a, b] = context.connectMany(2) as [BaseStorage, BaseStorage];
          for (let round = 0; round < 30; round++) {
            const task = await started(context.store, ONE);
            await Promise.all([settled(a, task, complete("done")), b.schedule(EVERY_SECOND)]);
            // Declared after the end of the run, the new schedule is due at once; before it, one interval later.
            await expectNewSchedule(context, [0, 1000]);
            await context.store.deleteTask("one");
          }
        },
      },
    ],
  },
];

async function expectNewSchedule(context: RuleContext, after: readonly number[]): Promise<void> {
  const { run, status, schedule } = await read(context.connect(), "one");
  expectSame(
    { run, status, interval: schedule.interval?.totalMilliseconds },
    { run: 2, status: "PENDING", interval: 1000 },
    "the task",
  );
  const due = schedule.eta.getTime() - context.now;
  expectThat(
    after.includes(due),
    `the next run is due ${due} ms after the end of the last, expected ${after.join(" or ")}`,
  );
  expectSame((await readResult(context.store, "one", 1)).value, "done", "the result of run 1");
}

/** Brings the only task of a queue into a state; a success of a recurring task leaves it PENDING. */
async function bringTo(store: BaseStorage, status: string, queue: string): Promise<void> {
  if (status === "PENDING") return;
  if (status === "CANCELLED") {
    await store.cancel(status);
    return;
  }
  const task = await claimOne(store, { queue });
  if (status === "SUCCESS") await settled(store, task, complete());
  if (status === "FAILED") await settled(store, task, fail());
}
