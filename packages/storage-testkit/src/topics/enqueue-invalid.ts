import type { NewTask } from "@omniq/core/storage";
import { expectError, expectSame, expectThat, show } from "../expect.ts";
import { interceptHook } from "../hooks.ts";
import type { Rule } from "../rule.ts";
import { countOf, newTask, offer } from "../steps.ts";

const cycle: Record<string, unknown> = {};
cycle["self"] = cycle;

const INVALID: readonly [string, Partial<Record<keyof NewTask, unknown>>][] = [
  ["an empty id", { id: "" }],
  ["an id that is no text", { id: 7 }],
  ["an id with NUL", { id: "a\0b" }],
  ["an id with a lone surrogate", { id: "a\ud800" }],
  ["an id of 256 bytes", { id: "é".repeat(128) }],
  ["an empty name", { name: "" }],
  ["an empty queue", { queue: "" }],
  ["a queue with NUL", { queue: "\0" }],
  ["a queue that is no text", { queue: null }],
  ["an eta that is no instant", { due: { at: Number.NaN } }],
  ["an eta before 1970", { due: { at: -1 } }],
  ["an eta after 9999", { due: { at: Date.UTC(10_000, 0) } }],
  ["an eta between two milliseconds", { due: { at: 0.5 } }],
  ["a delay below 0", { due: { inMs: -1 } }],
  ["a priority between two", { priority: 0.5 }],
  ["a priority beyond 16 bits", { priority: 32_768 }],
  ["a priority that is a text", { priority: "1" }],
  ["negative retries", { maxRetries: -1 }],
  ["a timeout of 0", { timeoutMs: 0 }],
  [
    "an interval of 0",
    { recurrence: { everyMs: 0, cadence: "after", missed: "skip", onFailure: "continue" } },
  ],
  ["an unknown policy", { policies: { colour: "red" } }],
];

const NOT_JSON: readonly [string, unknown, string][] = [
  ["a BigInt", { deep: [1n] }, "payload.deep[0]"],
  ["a cycle", cycle, "payload.self"],
  ["a function", { call: () => 1 }, "payload.call"],
  ["a Map", { map: new Map() }, "payload.map"],
  ["a Date", { when: new Date(0) }, "payload.when"],
  ["NaN", [Number.NaN], "payload[0]"],
  ["undefined in an array", [undefined], "payload[0]"],
];

/** The rule about bad input. */
export const enqueueInvalidRules: readonly Rule[] = [
  {
    id: "ENQ-7",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "enqueue",
    statement:
      "Invalid id/queue/eta/priority (ids and names are well-formed UTF-16 without NUL) rejects `ValidationError`, " +
      "non-JSON values (BigInt, cycle, function, Map) reject `SerializationError`, both before any write (size unchanged).",
    why: "What a store cannot keep as it is must be refused while the caller still has it.",
    checks: [
      {
        name: "invalid fields are refused before the store is asked",
        async run({ store }) {
          const asked = countCalls(store);
          for (const [what, fields] of INVALID) {
            const answer = await offer(store, { ...newTask(), ...(fields as Partial<NewTask>) });
            expectThat(answer.status === "error", `enqueue with ${what} answered ${show(answer)}`);
            expectError(
              answer.error,
              { name: "ValidationError", code: /^(invalid_\w+|unknown_option)$/ },
              `enqueue with ${what}`,
            );
          }
          expectSame(asked.calls, 0, "calls of doEnqueue for invalid tasks");
          expectSame(await countOf(store), 0, "tasks stored");
          expectSame(await store.listQueues(), [], "queues known");
        },
      },
      {
        name: "values that JSON cannot hold are refused with the path to them",
        async run({ store }) {
          const asked = countCalls(store);
          for (const [what, payload, path] of NOT_JSON) {
            const answer = await offer(store, newTask({ payload }));
            expectThat(
              answer.status === "error",
              `enqueue with ${what} in its payload answered ${show(answer)}`,
            );
            expectError(
              answer.error,
              { name: "SerializationError", code: "not_serializable" },
              `enqueue with ${what}`,
            );
            expectSame((answer.error as { path?: unknown }).path, path, `the path named for ${what}`);
          }
          expectSame(asked.calls, 0, "calls of doEnqueue for payloads that JSON cannot hold");
          expectSame(await countOf(store), 0, "tasks stored");
        },
      },
    ],
  },
];

function countCalls(store: Parameters<typeof interceptHook>[0]): { calls: number } {
  const counter = { calls: 0 };
  interceptHook(store, "doEnqueue", (args, original) => {
    counter.calls++;
    return original(...args);
  });
  return counter;
}
