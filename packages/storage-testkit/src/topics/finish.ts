import { expectSame, expectThat } from "../expect.ts";
import type { Rule } from "../rule.ts";
import {
  claim,
  complete,
  enqueueMany,
  fail,
  read,
  readResult,
  settled,
  someError,
  started,
} from "../steps.ts";

/** Rules about how runs end. */
export const finishRules: readonly Rule[] = [
  {
    id: "FIN-1",
    level: "required",
    kinds: ["race"],
    since: "1.0",
    topic: "finish",
    statement:
      "SUCCESS is never visible without its result, nor FAILED without its error. A composite of several stores writes " +
      "the result under (id, run, token) unconfirmed, settles with the fence, confirms it, then appends events at least " +
      "once. A reader of an unconfirmed result asks the row whether that token settled that run, and confirms or hides " +
      "it; a run is confirmed before the next is settled, and before its row goes.",
    why: "A caller told that the task succeeded asks for the result next.",
    checks: [
      {
        name: "a success with its result, a failure with its error",
        async run(context) {
          const { store } = context;
          const succeeded = await started(store);
          await context.advance(7);
          await settled(store, succeeded, complete({ sum: [1, 2] }));
          const failed = await started(store);
          await settled(store, failed, fail("no ink"));
          const other = context.connect();
          const success = await readResult(other, succeeded.record.id);
          expectSame(
            [success.status, success.value, success.error, success.run, success.attempts],
            ["SUCCESS", { sum: [1, 2] }, null, 1, 1],
            "the result of the success",
          );
          expectSame(
            [success.startedAt, success.finishedAt],
            [new Date(context.now - 7), new Date(context.now)],
            "its instants",
          );
          const { status, finishedAt, error } = await read(other, succeeded.record.id);
          expectSame(
            { status, finishedAt, error },
            { status: "SUCCESS", finishedAt: new Date(context.now), error: null },
            "the task",
          );
          const failure = await readResult(other, failed.record.id);
          expectSame([failure.status, failure.value], ["FAILED", null], "the result of the failure");
          expectSame(failure.error, someError("no ink"), "the error in the result of the failure");
          const task = await read(other, failed.record.id);
          expectSame(task.status, "FAILED", "the status of the failed task");
          expectSame(task.error, someError("no ink"), "the error of the failed task");
          expectSame(task.error?.details, someError().details, "the details of its error");
        },
      },
      {
        name: "at no moment one without the other",
        async run(context) {
          const { store } = context;
          const ids = await enqueueMany(store, 60);
          const tasks = await claim(store, { limit: 60 });
          const writers = context.connectMany(3);
          let open = tasks.length;
          const work = tasks.map(async (task, index) => {
            for (let turn = 0; turn < index; turn++) await Promise.resolve();
            await settled(writers[index % 3] ?? store, task, index % 2 === 0 ? complete(index) : fail());
            open--;
          });
          const finished = Promise.all(work);
          const reader = context.connect();
          for (let look = 0; open > 0 || look < ids.length; look++) {
            const id = ids[look % ids.length] as string;
            const { status, error } = await read(reader, id);
            if (status === "RUNNING") continue;
            const result = await reader.getResult(id);
            expectSame(result?.status, status, `the status of the result of ${id}, which was seen ${status}`);
            expectThat(status === "SUCCESS" || error !== null, `${id} was seen FAILED without an error`);
          }
          await finished;
        },
      },
    ],
  },
];
