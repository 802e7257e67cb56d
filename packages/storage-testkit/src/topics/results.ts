import { expectSame, expectThat } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { taskIn } from "../states.ts";
import {
  claimOne,
  complete,
  enqueueOne,
  fail,
  read,
  readResult,
  release,
  retry,
  settled,
  started,
} from "../steps.ts";
import { EVERY_MINUTE, MINUTE } from "./every-minute.ts";

/** Rules about what a result says, and of which run. */
export const resultRules: readonly Rule[] = [
  {
    id: "RES-1",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "results",
    statement: "Absent is distinguishable from a stored null; `undefined` is stored as null.",
    why: "A caller that cannot tell nothing yet from a handler that returned nothing waits for ever, or not at all.",
    checks: [
      {
        name: "settled with null, with undefined, and with nothing",
        async run(context) {
          const { store } = context;
          for (const [what, outcome] of [
            ["null", { kind: "complete", result: null }],
            ["undefined", { kind: "complete", result: undefined }],
            ["nothing", { kind: "complete" }],
          ] as const) {
            const task = await started(store, { queue: what });
            const { id } = task.record;
            expectSame(await store.getResult(id), null, "getResult of a task that runs");
            await settled(store, task, outcome);
            const { status, value, error } = await readResult(context.connect(), id);
            expectSame(
              [status, value, error],
              ["SUCCESS", null, null],
              `the result of a run that returned ${what}`,
            );
            expectSame(await store.getResult(id, { run: 2 }), null, "getResult of a run that never was");
          }
        },
      },
      {
        name: "put with null and with undefined, and deleted",
        async run({ store }) {
          for (const value of [null, undefined]) {
            expectSame(await store.getResult("one"), null, "getResult before anything was put");
            await store.putResult({ taskId: "one", run: 1, status: "SUCCESS", value });
            expectSame((await readResult(store, "one", 1)).value, null, "the value put");
            expectSame(await store.deleteResult("one", { run: 2 }), false, "deleteResult of another run");
            expectSame(await store.deleteResult("one", { run: 1 }), true, "deleteResult of the run put");
            expectSame(await store.deleteResult("one"), false, "deleteResult of what is gone");
          }
        },
      },
    ],
  },
  {
    id: "RES-4",
    level: "required",
    kinds: ["race"],
    since: "1.0",
    topic: "results",
    statement:
      "Waiters resolve only on a terminal state of the run they asked for; a retried failure does not resolve them.",
    why: "A caller given the failure of a try that is repeated reports an error for work that then succeeds.",
    checks: [
      {
        name: "a run that is retried, released or runs again has no result yet",
        async run({ store }) {
          const task = await started(store);
          const { id } = task.record;
          await settled(store, task, release);
          expectSame(await store.getResult(id), null, "the result of a released run");
          await settled(store, await claimOne(store), retry(0));
          expectSame(await store.getResult(id), null, "the result of a run that waits for its retry");
          expectSame(await store.getResult(id, { run: 1 }), null, "the result of that run by its number");
          const again = await claimOne(store);
          expectSame(await store.getResult(id), null, "the result of a run on its second try");
          await settled(store, again, complete("at last"));
          expectSame((await readResult(store, id, 1)).value, "at last", "the result of the run that ended");
        },
      },
      {
        name: "each run has its own",
        async run(context) {
          const { store } = context;
          const id = await enqueueOne(store, { recurrence: EVERY_MINUTE });
          await settled(store, await claimOne(store), complete("first"));
          await context.advance(MINUTE);
          expectSame(await store.getResult(id, { run: 2 }), null, "the result of run 2 while it waits");
          await settled(store, await claimOne(store), retry(0));
          expectSame(await store.getResult(id, { run: 2 }), null, "the result of run 2 while it is retried");
          expectSame((await readResult(store, id)).value, "first", "the latest result meanwhile");
          await settled(store, await claimOne(store), fail("second"));
          expectSame((await readResult(store, id, 2)).status, "FAILED", "the status of the result of run 2");
          expectSame((await readResult(store, id)).run, 2, "the run of the latest result");
          expectSame((await readResult(store, id, 1)).value, "first", "the result of run 1 afterwards");
        },
      },
      {
        name: "a run that is live again has none, a new run leaves the old one's",
        async run({ store, now }) {
          const again = await taskIn(store, "FAILED", "again");
          await store.reschedule(again.id, new Date(now));
          expectSame(await store.getResult("again"), null, "the result of a failed run that was rescheduled");
          const anew = await taskIn(store, "FAILED", "anew");
          await store.retryTask(anew.id);
          expectSame((await readResult(store, "anew", 1)).status, "FAILED", "the result of the failed run 1");
          expectSame(await store.getResult("anew", { run: 2 }), null, "the result of run 2, which waits");
        },
      },
      {
        name: "readers beside a run that is retried over and over",
        async run(context) {
          const { store } = context;
          const id = await enqueueOne(store, { maxRetries: 100 });
          const readers = context.connectMany(3);
          for (let attempt = 1; attempt <= 30; attempt++) {
            const task = await claimOne(store);
            const last = attempt === 30;
            const looks = readers.map(async (reader) => {
              const result = await reader.getResult(id);
              if (!result) return;
              expectThat(
                last,
                `a reader got a result (${result.status}) while attempt ${attempt} was retried`,
              );
              expectSame((await read(reader, id)).status, "SUCCESS", "the status seen after the result");
            });
            await Promise.all([settled(store, task, last ? complete() : retry(0)), ...looks]);
          }
        },
      },
    ],
  },
];
