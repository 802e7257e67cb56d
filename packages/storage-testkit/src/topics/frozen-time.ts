import { expectSame } from "../expect.ts";
import type { RuleContext } from "../rule-context.ts";
import {
  claim,
  claimOne,
  complete,
  enqueueOne,
  idsOf,
  newTask,
  offer,
  read,
  readResult,
  settled,
  started,
} from "../steps.ts";

const WAITING = { queue: "waiting", due: { inMs: 1 } } as const;

/** Brings everything that time decides to the edge, then looks again and again: at one instant, nothing may change. */
export async function expectNothingMoves(context: RuleContext, instant: number): Promise<void> {
  await context.setTime(instant);
  const { store } = context;
  await enqueueOne(store, { id: "later", ...WAITING });
  await enqueueOne(store, {
    id: "twin",
    queue: "twins",
    dedupe: { key: "key", windowMs: 1 },
    due: { inMs: 1 },
  });
  await started(store, { id: "leased", queue: "leased" }, { leaseMs: 1 });
  const done = await started(store, { id: "done", policies: { resultTtlMs: 1 } });
  await settled(store, done, complete());
  const due = await enqueueOne(store, { queue: "due" });
  const instants = await instantsOf(context);
  expectSame(instants, instantsAt(instant), "the instants stored");
  for (let round = 0; round < 20; round++) {
    // Turns the event loop, so that timers of the store's own would fire.
    await context.advance(0);
    expectSame(
      idsOf(await claim(store, { queue: "waiting", limit: 9 })),
      [],
      "tasks claimed 1 ms before they are due",
    );
    expectSame(
      idsOf(await claim(store, { queue: "leased", limit: 9 })),
      [],
      "tasks taken over 1 ms before the lease ends",
    );
    const again = await offer(store, newTask({ queue: "twins", dedupe: { key: "key", windowMs: 1 } }));
    expectSame(again, { status: "existing", id: "twin" }, "enqueue within the window of a dedupe key");
    await readResult(store, "done");
    const counts = [
      await store.purgeResults(),
      await store.purge({ before: instant }),
      await store.purgeEvents({ before: instant }),
    ];
    expectSame(counts, [0, 0, 0], "results, tasks and events purged at the instant they are from");
    expectSame(await store.nextDue({ queues: ["waiting"] }), { now: instant, at: instant + 1 }, "nextDue");
    expectSame(await instantsOf(context), instants, "the instants stored, looked at again");
  }
  expectSame((await claimOne(store, { queue: "due" })).record.id, due, "the task claimed that is due now");
}

/** Every instant that can be read, by what it is. */
async function instantsOf({ store }: RuleContext): Promise<Readonly<Record<string, number | null>>> {
  const ms = (date: Date | null): number | null => date && date.getTime();
  const [later, leased, done] = await Promise.all(["later", "leased", "done"].map((id) => read(store, id)));
  const result = await readResult(store, "done");
  const { events } = await store.queryEvents({ limit: 1000 });
  if (!later || !leased || !done) throw new RangeError("a task is missing");
  return {
    createdAt: ms(later.createdAt),
    eta: ms(later.schedule.eta),
    lastAttemptAt: ms(leased.lastAttemptAt),
    leaseUntil: ms(leased.leaseUntil),
    updatedAt: ms(done.updatedAt),
    finishedAt: ms(done.finishedAt),
    "the result's finishedAt": ms(result.finishedAt),
    "the result's expiresAt": ms(result.expiresAt),
    "the first event": ms(events[0]?.timestamp ?? null),
    "the last event": ms(events.at(-1)?.timestamp ?? null),
  };
}

function instantsAt(now: number): Readonly<Record<string, number>> {
  return {
    createdAt: now,
    eta: now + 1,
    lastAttemptAt: now,
    leaseUntil: now + 1,
    updatedAt: now,
    finishedAt: now,
    "the result's finishedAt": now,
    "the result's expiresAt": now + 1,
    "the first event": now,
    "the last event": now,
  };
}
