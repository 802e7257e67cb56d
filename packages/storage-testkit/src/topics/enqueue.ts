import type { NewTask } from "@omniq/core/storage";
import { expectSame } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { enqueueOne, newTask, read } from "../steps.ts";

const FULL: NewTask = {
  id: "order 7",
  name: "send-invoice",
  payload: { order: 7, lines: ["a", "b"], note: null },
  queue: "mail",
  priority: -5,
  due: { inMs: 90_000 },
  recurrence: { everyMs: 3_600_000, cadence: "fixed", missed: "once", onFailure: "stop" },
  maxRetries: 0,
  timeoutMs: 5000,
  policies: {
    retry: { strategy: "linear", baseMs: 10, maxMs: 20, jitter: 0 },
    keep: "result",
    resultTtlMs: null,
    maxRecoveries: 0,
  },
  headers: { correlation_id: "abc" },
  concurrencyKey: "customer 7",
  dedupe: { key: "invoice 7" },
};

/** Rules about new tasks and their ids. */
export const enqueueRules: readonly Rule[] = [
  {
    id: "ENQ-1",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "enqueue",
    statement: "When enqueue resolves, getTask on another instance returns a deep-equal task.",
    why: "An acknowledged task that others cannot see, or see with a field missing, is a lost task.",
    checks: [
      {
        name: "another instance reads each field that was given",
        async run(context) {
          const { store, now } = context;
          await enqueueOne(store, FULL);
          const task = await read(context.connect(), "order 7");
          const { schedule, ...fields } = task;
          const { policies, name, payload, queue, priority, maxRetries, timeoutMs, headers, concurrencyKey } =
            FULL;
          expectSame(
            fields,
            {
              ...policies,
              id: "order 7",
              name,
              payload,
              queue,
              priority,
              maxRetries,
              timeoutMs,
              headers,
              concurrencyKey,
              status: "PENDING",
              run: 1,
              attempts: 0,
              failures: 0,
              recoveries: 0,
              error: null,
              progress: null,
              holds: [],
              dedupeKey: "invoice 7",
              createdAt: new Date(now),
              updatedAt: new Date(now),
              lastAttemptAt: null,
              finishedAt: null,
              workerId: null,
              leaseUntil: null,
            },
            "the task on another instance",
          );
          expectSame(schedule.eta, new Date(now + 90_000), "schedule.eta on another instance");
          expectSame(
            schedule.interval?.totalMilliseconds,
            3_600_000,
            "schedule.interval on another instance",
          );
          const { cadence, missed, onFailure } = schedule;
          expectSame(
            { cadence, missed, onFailure },
            { cadence: "fixed", missed: "once", onFailure: "stop" },
            "schedule",
          );
          expectSame(await read(store, "order 7"), task, "the same task on the instance that enqueued it");
        },
      },
      {
        name: "what is left out has its default",
        async run(context) {
          const { groups } = await context.store.enqueue({ groups: [[{ id: "plain", name: "plain" }]] });
          expectSame(groups, [[{ status: "created", id: "plain" }]], "the answer of enqueue");
          const {
            payload,
            queue,
            priority,
            maxRetries,
            timeoutMs,
            keep,
            resultTtlMs,
            maxRecoveries,
            retry,
            schedule,
          } = await read(context.connect(), "plain");
          expectSame(
            { payload, queue, priority, maxRetries, timeoutMs, keep, resultTtlMs, maxRecoveries, retry },
            {
              payload: null,
              queue: "default",
              priority: 0,
              maxRetries: 3,
              timeoutMs: null,
              keep: "all",
              resultTtlMs: 864e5,
              maxRecoveries: 3,
              retry: null,
            },
            "a task of which only the name was given",
          );
          expectSame(schedule.eta, new Date(context.now), "its eta");
          expectSame(schedule.interval, null, "its interval");
        },
      },
      {
        name: "enqueue answers the store's now, and a due instant is kept as it is",
        async run({ store, now }) {
          const { now: answered } = await store.enqueue({
            groups: [[newTask({ id: "later", due: { at: now + 12_345 } })]],
          });
          expectSame(answered, now, "the now that enqueue answered");
          expectSame((await read(store, "later")).schedule.eta, new Date(now + 12_345), "its eta");
        },
      },
    ],
  },
];
