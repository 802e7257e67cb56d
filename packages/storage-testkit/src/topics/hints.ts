import { TaskQueue, WorkerPool, defineTask } from "@omniq/core";
import type { BaseStorage, DequeueHookResult } from "@omniq/core/storage";
import { interceptHook } from "../hooks.ts";
import type { Rule } from "../rule.ts";
import type { RuleContext } from "../rule-context.ts";
import { countOf } from "../steps.ts";
import { turn } from "../real-time.ts";
import { eventually } from "../within.ts";

const TASKS = 5;
const POLL_MS = 1000;
/** How often in a row a worker is found doing nothing before it counts as at rest. */
const QUIET_LOOKS = 5;
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

/** Rules about hints that something may be due. */
export const hintRules: readonly Rule[] = [
  {
    id: "EVT-2",
    level: "required",
    kinds: ["fault"],
    since: "1.0",
    topic: "events",
    statement:
      "Notifications are hints: with every notification dropped all tasks still run within pollInterval.",
    why: "Notifications get lost, and a task that runs only when one gets through may never run.",
    checks: [
      {
        name: "a worker that hears nothing finds tasks that another instance has enqueued",
        run: (context) => expectPolled(context, context.connect(), deaf(context.connect())),
      },
      {
        name: "a worker that hears nothing finds tasks that nobody announces",
        run: (context) => expectPolled(context, dumb(context.connect()), deaf(context.connect())),
      },
    ],
  },
];

/** Every notification to this instance is dropped. */
function deaf(store: BaseStorage): BaseStorage {
  interceptHook(store, "doWatch", async () => null);
  return store;
}

/** Every notification of this instance is dropped. */
function dumb(store: BaseStorage): BaseStorage {
  interceptHook(store, "doNotify", async () => {});
  return store;
}

async function expectPolled(
  context: RuleContext,
  producer: BaseStorage,
  consumer: BaseStorage,
): Promise<void> {
  const { clock } = context;
  let foundNothing = false;
  let calls = 0;
  let answered = 0;
  for (const hook of ["doDequeue", "doExchange", "doNextDue"] as const) {
    interceptHook(consumer, hook, async (args, original) => {
      calls++;
      const answer = (await original(...args)) as Partial<DequeueHookResult>;
      if (answer.claimed) foundNothing = answer.claimed.length === 0;
      answered++;
      return answer;
    });
  }
  let seen = -1;
  let quietLooks = 0;
  /** It has looked, found nothing, and asks for nothing more: its timer is set. */
  const isAtRest = (): boolean => {
    const isQuiet = foundNothing && answered === calls && calls === seen;
    seen = calls;
    quietLooks = isQuiet ? quietLooks + 1 : 0;
    return quietLooks >= QUIET_LOOKS;
  };
  const task = defineTask({ name: "sample", run: async () => null });
  const queue = new TaskQueue({ storage: consumer, tasks: [task], clock, logger: QUIET });
  const pool = new WorkerPool({
    queue,
    concurrency: 2,
    pollInterval: { milliseconds: POLL_MS },
    logger: QUIET,
  });
  await pool.start();
  try {
    const { livenessMs } = context;
    const enqueueTo = (count: number): Promise<unknown> =>
      producer.enqueue({ groups: Array.from({ length: count }, () => [{ name: "sample", payload: null }]) });
    const done = (): Promise<number> => countOf(context.store, "SUCCESS");
    await enqueueTo(1);
    const isWarm = async (): Promise<boolean> => {
      await context.advance(POLL_MS);
      return (await done()) === 1;
    };
    await eventually(isWarm, "a worker has not run one task, however far the clock has gone,", livenessMs);
    await eventually(isAtRest, "the worker does not come to rest", livenessMs);
    await enqueueTo(TASKS);
    await context.advance(POLL_MS);
    await eventually(
      async () => (await done()) === 1 + TASKS,
      `not all of ${TASKS} tasks have run, ${POLL_MS} ms of the clock after they were enqueued (pollInterval),`,
      livenessMs,
    );
  } finally {
    const stopped = pool.stop({ timeout: 0 });
    while (!(await isSettled(stopped))) await context.advance(POLL_MS);
  }
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol("pending");
  const first = await Promise.race([promise, turn().then(() => pending)]);
  return first !== pending;
}
