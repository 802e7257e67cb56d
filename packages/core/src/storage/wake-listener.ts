import { sleep, systemClock } from "../ports/clock.ts";
import type { Watch } from "./params.ts";

const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 1000;

/**
 * Listens on a new connection, and answers what asks it for a sign of life; both reject where nothing comes in time. The
 * connection is closed when `ended` aborts, and aborts it itself where it ends.
 */
export type Listen = (ended: AbortController) => Promise<() => Promise<unknown>>;

/**
 * Hears what other processes announce, over a connection of its own. A message that is missed costs no more than a
 * poll; what must not happen is that a connection which died in silence is listened to for ever. So it is asked for a
 * sign of life every `heartbeatMs`, and replaced where it gives none. Each new connection counts as an announcement: there
 * may have been some in between.
 *
 * Resolves once it listens, or once the first try has failed; further ones follow by themselves.
 */
export async function listenForWakes(
  connect: Listen,
  heartbeatMs: number,
  onHint: () => void,
): Promise<Watch> {
  const { promise: tried, resolve: onTried } = Promise.withResolvers<void>();
  const closing = new AbortController();
  let pauseMs = FIRST_PAUSE_MS;
  /** Listens on one connection for as long as it gives signs of life. */
  const listen = async (): Promise<void> => {
    const ended = new AbortController();
    const end = (): void => ended.abort();
    closing.signal.addEventListener("abort", end);
    try {
      const beat = await connect(ended);
      pauseMs = FIRST_PAUSE_MS;
      onTried();
      onHint();
      while (!ended.signal.aborted) {
        await sleep(systemClock, heartbeatMs, ended.signal);
        if (!ended.signal.aborted) await beat();
      }
    } catch {
      // Another connection takes its place.
    } finally {
      end();
      closing.signal.removeEventListener("abort", end);
    }
  };
  const goOn = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await listen();
      onTried();
      await sleep(systemClock, pauseMs, closing.signal);
      pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
    }
  };
  void goOn();
  await tried;
  return { close: async () => closing.abort() };
}
