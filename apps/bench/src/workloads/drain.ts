import type { Figures } from "../job.ts";
import { Progress } from "../progress.ts";
import type { Session, Variant, Worker } from "../system.ts";
import { expectCounts, peakRssMb, rateOf } from "./timing.ts";

/** Runs all that waits with a handler that does nothing. The time ends when the last of them is settled. */
export async function drain(
  session: Session,
  { keeps }: Variant,
  total: number,
  concurrency: number,
): Promise<Figures> {
  const progress = new Progress();
  let worker: Worker | undefined;
  const rate = await rateOf(total, async () => {
    if (session.drain) return session.drain(total, concurrency);
    worker = await session.work?.({ concurrency, run: () => progress.add() });
    await progress.reached(total);
    return worker?.settled(total);
  });
  const figures = { rate, peakRssMb: peakRssMb() };
  await worker?.stop();
  if (worker && progress.count !== total) throw new Error(`${progress.count} runs of ${total} tasks`);
  await expectCounts(session, { waiting: 0, succeeded: keeps ? total : 0 });
  return figures;
}
