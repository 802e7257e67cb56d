/** What the kit takes from the machine's own time: waiting for other processes and for wires, never deciding. */
import { setImmediate as immediate, setTimeout as delay } from "node:timers/promises";

/** Waits so long. Only for what happens in another process or on a wire, and never to prove that it did. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal && { signal });
}

/** Lets everything that is ready go on first. */
export async function turn(): Promise<void> {
  await immediate();
}

/** The kernel's own clock, which processes of one host share. */
export function microseconds(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
