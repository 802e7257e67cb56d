import type { Session } from "./system.ts";

/** One thing to measure. */
export interface Workload {
  readonly id: string;
  /** Calls in flight, or tasks at once. */
  readonly concurrency: number;
  /** Tasks a second. @throws where the store does not hold what it must */
  run(session: Session): Promise<number>;
}

export const workloads: readonly Workload[] = [
  enqueueing("W1", 2000, 1),
  enqueueing("W1", 10_000, 64),
  { id: "W2", concurrency: 1, run: enqueueInBulk },
  draining(1),
  draining(10),
  draining(64),
];

/** Tasks enqueued one at a time, each awaited, by so many callers. */
function enqueueing(id: string, total: number, concurrency: number): Workload {
  return {
    id,
    concurrency,
    async run(session) {
      let next = 0;
      const caller = async (): Promise<void> => {
        while (next < total) await session.add({ n: next++ });
      };
      const rate = await timed(total, () => Promise.all(Array.from({ length: concurrency }, caller)));
      await expectCounts(session, { waiting: total, succeeded: 0 });
      return rate;
    },
  };
}

async function enqueueInBulk(session: Session): Promise<number> {
  const total = 20_000;
  const rate = await timed(total, () => fill(session, total));
  await expectCounts(session, { waiting: total, succeeded: 0 });
  return rate;
}

/** Waiting tasks run by one worker process. */
function draining(concurrency: number): Workload {
  const total = concurrency === 1 ? 5000 : 20_000;
  return {
    id: "W3",
    concurrency,
    async run(session) {
      await fill(session, total);
      const rate = await timed(total, () => session.drain(total, concurrency));
      await expectCounts(session, { waiting: 0, succeeded: total });
      return rate;
    },
  };
}

async function fill(session: Session, total: number): Promise<void> {
  for (let done = 0; done < total; done += 1000) {
    await session.addMany(Array.from({ length: 1000 }, (_, index) => ({ n: done + index })));
  }
}

async function timed(total: number, work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return Math.round((total * 1000) / (performance.now() - began));
}

async function expectCounts(
  session: Session,
  expected: { waiting: number; succeeded: number },
): Promise<void> {
  const found = await session.counts();
  if (found.waiting === expected.waiting && found.succeeded === expected.succeeded) return;
  throw new Error(`The store holds ${JSON.stringify(found)}, and should hold ${JSON.stringify(expected)}`);
}
