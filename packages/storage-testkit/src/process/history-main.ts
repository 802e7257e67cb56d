/** A process that makes random calls and tells of each by a line on its standard output, before and after. */
import { writeSync } from "node:fs";
import { ManualClock } from "@omniq/core/testing";
import { type ClientOptions, runClient } from "../linear/client.ts";
import { loadHarness } from "../report/load-harness.ts";
import type { Start } from "./messages.ts";

export interface HistoryOrder extends Start, ClientOptions {}

const { module, config, options, now, ...client } = JSON.parse(process.argv[2] ?? "") as HistoryOrder;
const harness = await loadHarness(module);
const store = harness.connect(config, { ...options, clock: new ManualClock(now) });
await store.open();
await runClient(store, client, (line) => writeSync(1, `${JSON.stringify(line)}\n`));
await store.close();
