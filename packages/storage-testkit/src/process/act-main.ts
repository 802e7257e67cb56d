/**
 * A process that makes acts and acknowledges each by a line on its standard output, written before anything else can
 * happen. It takes what it needs from its one argument, and has no other channel, so that all its I/O is the store's.
 */
import { writeSync } from "node:fs";
import { ManualClock } from "@omniq/core/testing";
import { loadHarness } from "../report/load-harness.ts";
import { ACTS } from "./acts.ts";
import type { Start } from "./messages.ts";

export interface ActOrder extends Start {
  /** The names of the acts, in order. */
  readonly acts: readonly string[];
  /** Whether it ends itself as if by the kernel, right after the last acknowledgement. */
  readonly dies: boolean;
}

const { module, config, options, now, acts, dies } = JSON.parse(process.argv[2] ?? "") as ActOrder;
const harness = await loadHarness(module);
const store = harness.connect(config, { ...options, clock: new ManualClock(now) });
writeSync(1, "begin\n");
await store.open();
writeSync(1, "open\n");
for (const name of acts) {
  await ACTS.find((act) => act.name === name)?.act(store);
  writeSync(1, `${name}\n`);
}
if (dies) process.kill(process.pid, "SIGKILL");
await store.close();
