import type { Row } from "../results/row.ts";
import { STORES } from "../system.ts";
import { storeSection } from "./store-section.ts";

const INTRODUCTION = `# Benchmarks

This page is written by the bench: \`pnpm bench\` measures, and \`pnpm bench --page\` writes it anew from
[apps/bench/results](../apps/bench/results). Do not edit it.

OmniQ, its peers and bare code on the same driver are measured in turns on one machine, each in a process of its own, each
on an empty store. A figure is the median of the rounds, with the least and the greatest beside it. Every completion is
checked in the store. Absolute figures move from machine to machine; the ratios are what counts. \`raw\` is what the store
allows: OmniQ's own tables and statements, with no queue around them.

| id | work |
| --- | --- |
| W1 | enqueue one task at a time, each awaited: by one caller (seq), and with 64 calls in flight (x64) |
| W2 | enqueue in bulk calls of 1,000 |
| W3 | one worker process drains what waits, with 1, 10 and 64 tasks at once; rows kept, or deleted with the completion |
| W4 | an idle worker in another process: from the enqueue call to the handler's first line |
| W5 | W3 with 10 at once, with more that waits and more that has finished |
| W6 | bytes a task at rest; a finished one is kept with its result |
| W7 | two workers, tasks of 50 ms, one worker killed after 1 s; the lease is 5 s. The killed one's tasks are begun twice |
| W8 | W3 with 10 at once and tasks of 1 ms that log a line each |
| W9 | one call at a time enqueues a task, while a worker in another process drains what waits, 10 at once: how long the call takes |
| errors | making and writing errors, tasks that carry one, and the older way to make a worker |

The targets are this project's own. Each is met, or stands here as missed. For the sizes of a short round, \`--full\` and
parts of it, see \`pnpm bench --help\`.
`;

/** The whole page. The same results make the same page. */
export function pageOf(rows: readonly Row[]): string {
  const sections = STORES.map((store) => storeSection(store, rows));
  return `${[INTRODUCTION.trimEnd(), ...sections].join("\n\n")}\n`;
}
