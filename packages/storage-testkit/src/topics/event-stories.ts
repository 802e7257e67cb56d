import type { BaseStorage } from "@omniq/core/storage";
import type { TaskEvent, TaskEventType } from "@omniq/core";
import type { RuleContext } from "../rule-context.ts";
import {
  LEASE_MS,
  claim,
  claimOne,
  complete,
  enqueueOne,
  fail,
  newTask,
  offer,
  release,
  renew,
  retry,
  settle,
  settled,
  started,
} from "../steps.ts";
import { EVERY_MINUTE } from "./every-minute.ts";

/** Every event, oldest first. */
export async function allEvents(store: BaseStorage): Promise<TaskEvent[]> {
  const events: TaskEvent[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.queryEvents({ cursor, limit: 1000 });
    events.push(...page.events);
    cursor = page.cursor;
  } while (cursor !== null);
  return events;
}

/** Lives the lives of a few tasks, each kind of transition at least once; answers the events that must follow. */
export async function tellStory(
  context: RuleContext,
  store: BaseStorage,
): Promise<Readonly<Record<string, readonly TaskEventType[]>>> {
  await enqueueOne(store, { id: "long" });
  await settled(store, await claimOne(store, { workerId: "ann" }), release);
  const tried = await claimOne(store, { workerId: "ben" });
  await renew(store, tried);
  await context.advance(10);
  await settled(store, tried, retry(0));
  await claimOne(store, { workerId: "ann" });
  await context.advance(LEASE_MS);
  await settled(store, await claimOne(store, { workerId: "ben" }), fail());
  await store.retryTask("long");
  await store.hold("long", "a reason");
  await store.unhold("long", "a reason");
  await context.advance(10);
  await store.reschedule("long", new Date(context.now + 1));
  await store.cancel("long");
  await store.deleteTask("long");

  await store.schedule({ ...newTask({ recurrence: EVERY_MINUTE, queue: "series" }), id: "series" });
  await settled(store, await claimOne(store, { queue: "series" }), complete());
  const everyMs = 2 * EVERY_MINUTE.everyMs;
  await store.schedule({
    ...newTask({ recurrence: { ...EVERY_MINUTE, everyMs }, queue: "series" }),
    id: "series",
  });

  await enqueueOne(store, { id: "exhausted", queue: "other", policies: { maxRecoveries: 0 } });
  const lease = await claimOne(store, { queue: "other" });
  await context.advance(LEASE_MS);
  await claim(store, { queue: "other" });
  await renew(store, lease);

  const parent = await started(store, { id: "parent", queue: "family" });
  const enqueue = [newTask({ id: "child", queue: "family" })];
  await store.settle({ settlements: [{ task: parent, outcome: complete(), enqueue }] });

  return {
    long: [
      ...([
        "enqueued",
        "started",
        "released",
        "started",
        "retried",
        "started",
        "lease_lost",
        "failed",
      ] as const),
      ...(["revived", "held", "unheld", "rescheduled", "cancelled", "deleted"] as const),
    ],
    series: ["enqueued", "started", "completed", "scheduled"],
    exhausted: ["enqueued", "started", "lease_lost", "failed"],
    parent: ["enqueued", "started", "completed"],
    child: ["enqueued"],
  };
}

/** Makes calls that a store refuses, or that change nothing, one at a time. */
export async function tellRefusals(
  { store }: RuleContext,
  tell: (what: string, call: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const task = await started(store, { id: "one" });
  const ignored = (call: Promise<unknown>): Promise<unknown> => call.catch(() => null);
  await tell("retryTask of a running task", () => ignored(store.retryTask("one")));
  await tell("hold of a running task", () => ignored(store.hold("one", "a reason")));
  await tell("deleteTask of a running task without force", () => ignored(store.deleteTask("one")));
  await tell("renew", () => renew(store, task));
  await tell("a claim that finds nothing", () => claim(store));
  await tell("enqueue of the same task again", () => offer(store, newTask({ id: "one" })));
  await tell("enqueue of other content", () => offer(store, newTask({ id: "one", payload: "other" })));
  await tell("a group with a duplicate", () =>
    store.enqueue({ groups: [[newTask({ id: "two" }), newTask({ id: "one", payload: "other" })]] }),
  );
  await settled(store, task, complete("done"));
  await tell("the same settlement again", () => settle(store, task, complete("done")));
  await tell("another outcome with a settled token", () => settle(store, task, fail()));
  await tell("renew with a settled token", () => renew(store, task));
  await tell("cancel of a finished task", () => store.cancel("one"));
  for (const call of ["cancel", "retryTask", "deleteTask"] as const)
    await tell(`${call} of an unknown id`, () => ignored(store[call]("missing")));
  await tell("reschedule of an unknown id", () => ignored(store.reschedule("missing", new Date(1))));

  const holder = await started(store, { id: "three" });
  await store.reschedule("three", new Date(holder.record.eta));
  for (const outcome of [complete(), fail(), retry(0), release])
    await tell(`${outcome.kind} with a superseded token`, () => settle(store, holder, outcome));
  await tell("renew with a superseded token", () => renew(store, holder));
  await store.hold("three", "a reason");
  await tell("a claim of what is held", () => claim(store));
  await tell("the same hold again", () => store.hold("three", "a reason"));
  await tell("unhold of a reason that is not there", () => store.unhold("three", "another"));
  const declared = { ...newTask({ recurrence: EVERY_MINUTE, queue: "series" }), id: "series" };
  await store.schedule(declared);
  await tell("the same declaration again", () => store.schedule(declared));
}
