import type { NewTask } from "@omniq/core/storage";
import { expectError, expectRejection, expectSame, expectThat, show } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { unchanged } from "../snapshot.ts";
import {
  claimOne,
  complete,
  countOf,
  enqueueOne,
  newTask,
  read,
  readResult,
  settle,
  settled,
  started,
} from "../steps.ts";

const TOO_LARGE = { name: "PayloadTooLargeError", code: "payload_too_large" };

/** The rule about the largest payload. */
export const limitRules: readonly Rule[] = [
  {
    id: "DAT-4",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "data",
    statement: "At maxPayloadBytes ok, +1 ⇒ `PayloadTooLargeError`, nothing written.",
    why: "A limit that only the database knows cuts values off, or fails when the work is done.",
    checks: [
      {
        name: "headers and progress",
        async run({ store, capabilities }) {
          const text = "x".repeat(capabilities.maxPayloadBytes);
          const { groups } = await store.enqueue({ groups: [[newTask({ headers: { text } })]] });
          const refused = groups[0]?.[0];
          expectThat(refused?.status === "error", `enqueue with large headers answered ${show(refused)}`);
          expectError(refused.error, { code: "headers_too_large" }, "enqueue with large headers");
          await enqueueOne(store);
          const { lease } = await claimOne(store);
          const { answers } = await store.renew({ renewals: [{ lease, leaseMs: 1000, progress: text }] });
          expectThat(answers[0]?.status === "error", `large progress was answered ${show(answers[0])}`);
          expectError(answers[0].error, { code: "progress_too_large" }, "large progress");
        },
      },
      {
        name: "payloads, in bytes of UTF-8",
        async run(context) {
          const { store } = context;
          const { maxPayloadBytes } = context.capabilities;
          for (const letter of ["x", "é"]) {
            const payload = textOf(maxPayloadBytes, letter);
            const id = await enqueueOne(store, { payload });
            expectThat(
              (await read(context.connect(), id)).payload === payload,
              "the largest payload came back changed",
            );
          }
          const stored = await countOf(store);
          for (const letter of ["x", "é"]) {
            const task = newTask({ id: "large", payload: textOf(maxPayloadBytes + 1, letter) });
            const { groups } = await store.enqueue({ groups: [[newTask(), task]] });
            const answer = groups[0]?.[1];
            expectThat(
              answer?.status === "error",
              `enqueue of a payload one byte too large answered ${show(answer)}`,
            );
            expectError(answer.error, TOO_LARGE, "enqueue of a payload one byte too large");
            await expectRejection(
              store.schedule(task as NewTask & { readonly id: string }),
              TOO_LARGE,
              "schedule of a payload one byte too large",
            );
          }
          expectSame(await countOf(store), stored, "tasks stored after payloads that were too large");
          expectSame(await store.getTask("large"), null, "the task whose payload is too large");
        },
      },
      {
        name: "payloads of tasks that a settlement creates",
        async run({ store, capabilities }) {
          const task = await started(store);
          const child = newTask({ id: "large", payload: textOf(capabilities.maxPayloadBytes + 1, "x") });
          await unchanged(store, task.record.id, "a settlement with a payload too large", async () => {
            const { answers } = await store.settle({
              settlements: [{ task, outcome: complete(), enqueue: [child] }],
            });
            const [answer] = answers;
            expectThat(answer?.status === "error", `the settlement answered ${show(answer)}, expected error`);
            expectError(answer.error, TOO_LARGE, "the settlement");
          });
          expectSame(await store.getTask("large"), null, "the task whose payload is too large");
        },
      },
      {
        name: "results: one too large ends the run as failed, and says why",
        async run({ store, capabilities }) {
          const { maxPayloadBytes } = capabilities;
          const largest = textOf(maxPayloadBytes, "x");
          const fits = await started(store);
          await settled(store, fits, complete(largest));
          expectThat(
            (await readResult(store, fits.record.id)).value === largest,
            "the largest result came back changed",
          );
          const task = await started(store);
          const answer = await settle(store, task, complete(textOf(maxPayloadBytes + 1, "x")));
          expectSame(answer.status, "settled", "settle with a result one byte too large");
          const { status, error } = await read(store, task.record.id);
          expectSame(
            [status, error?.context?.["code"]],
            ["FAILED", "result_too_large"],
            "the task: status and code",
          );
          const result = await readResult(store, task.record.id);
          expectSame([result.status, result.value], ["FAILED", null], "the result: status and value");
          await expectRejection(
            store.putResult({
              taskId: "put",
              run: 1,
              status: "SUCCESS",
              value: textOf(maxPayloadBytes + 1, "x"),
            }),
            { name: "PayloadTooLargeError", code: "result_too_large" },
            "putResult of a value one byte too large",
          );
          expectSame(await store.getResult("put"), null, "the result that is too large");
        },
      },
    ],
  },
];

/** A text that is so many bytes long as JSON, made of one letter and as few others as it takes. */
function textOf(bytes: number, letter: string): string {
  const room = bytes - 2;
  const size = Buffer.byteLength(letter);
  return letter.repeat(Math.floor(room / size)) + "x".repeat(room % size);
}
