import type { BaseStorage } from "@omniq/core/storage";
import { expectSame, expectThat } from "../expect.ts";
import type { PlaceServer } from "../harness.ts";
import type { RuleContext } from "../rule-context.ts";
import { CALL_LIMIT_MS } from "../wire/answered.ts";
import { Proxy } from "../wire/proxy.ts";

/** A store that talks with its server over a wire that can be broken. */
export interface Wired {
  readonly store: BaseStorage;
  readonly proxy: Proxy;
}

/** A store behind a wire, its connections made. */
export async function wired(context: RuleContext, timeoutMs = CALL_LIMIT_MS): Promise<Wired> {
  const proxy = await Proxy.to(context.place.server as PlaceServer);
  context.onClose(() => proxy.close());
  const store = context.connect({ address: proxy.address, timeoutMs });
  await store.countTasks();
  return { store, proxy };
}

/**
 * Runs `attempt` with its first reply lost, then with its second, and so on until it needs no more replies than come
 * through: each message of the call is lost once. Then it does so again, since a client may have needed replies that it
 * needs only once, as to a script that the server did not know.
 */
export async function withEachReplyLost(
  { proxy }: Wired,
  attempt: (round: number) => Promise<void>,
): Promise<number> {
  let [round, lost] = [0, 0];
  for (let time = 1; time <= 2; time++) {
    for (let reply = 1; ; reply++) {
      expectThat(reply <= 50, "one call still needs more than 50 replies");
      const before = proxy.lost;
      proxy.loseReply(reply);
      await attempt(++round);
      if (proxy.lost === before) break;
      lost++;
    }
  }
  proxy.restore();
  return lost;
}

/** Runs calls, one of them at least having to lose a reply on the way: else nothing was tried. */
export function expectLosses(replies: number, what: string): void {
  expectSame(replies > 0, true, `whether ${what} needed a reply that could be lost`);
}
