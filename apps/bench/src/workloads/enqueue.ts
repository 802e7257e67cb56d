import type { Figures } from "../job.ts";
import type { Session } from "../system.ts";
import { expectCounts, rateOf } from "./timing.ts";

/** Tasks enqueued one at a time, each awaited, by so many callers. */
export async function enqueue(session: Session, total: number, callers: number): Promise<Figures> {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < total) await session.add({ n: next++ });
  };
  const rate = await rateOf(total, () => Promise.all(Array.from({ length: callers }, caller)));
  await expectCounts(session, { waiting: total, succeeded: 0 });
  return { rate };
}

/** Tasks enqueued in bulk. */
export async function bulk(session: Session, total: number): Promise<Figures> {
  const rate = await rateOf(total, () => fill(session, total));
  await expectCounts(session, { waiting: total, succeeded: 0 });
  return { rate };
}

/** Fills a store in calls of 1,000 tasks. */
export async function fill(session: Pick<Session, "addMany">, total: number, from = 0): Promise<void> {
  for (let done = 0; done < total; done += 1000) {
    const length = Math.min(1000, total - done);
    await session.addMany(Array.from({ length }, (_, index) => ({ n: from + done + index })));
  }
}
