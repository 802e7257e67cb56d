import { systemClock } from "@omniq/core";
import type { Client, ClientBase } from "pg";

/** How long the server has to close a connection that was said goodbye to. */
const GRACE_MS = 1000;

type ClientClass = new (...args: ConstructorParameters<typeof Client>) => Client;

/**
 * Clients that are gone soon after their `end`. Those of pg wait until the server closes the connection; where the network is
 * dead it never does, and what is left open keeps the process from ending.
 */
export function leavingInTime(base: new () => ClientBase): new () => ClientBase {
  return class extends (base as ClientClass) {
    override end(...callback: [((error: Error) => void)?]): Promise<void> {
      const { stream } = this.connection;
      if (!stream.closed) {
        const limit = systemClock.setTimer(() => stream.destroy(), GRACE_MS);
        stream.once("close", () => limit.cancel());
      }
      return super.end(...(callback as []));
    }
  };
}
