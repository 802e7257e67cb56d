import type { Capabilities } from "./capabilities.ts";

/** What a store that a server keeps can do, whatever else it can. */
export const SERVER_CAPABILITIES = {
  durable: true,
  multiProcess: true,
  multiHost: true,
  remote: true,
  serverTime: true,
  wakeup: true,
  batchAtomic: true,
  eventsTransactional: true,
} as const satisfies Partial<Capabilities>;
