import { once } from "node:events";
import type { OmniQ, Task, TaskEvent } from "@omniq/core";
import type { EventPage } from "@omniq/core/storage";
import { URGENT_RANKS, measureId } from "./enqueue-all.ts";
import { type FileFacts, type InputFile, isUnchanged, measureFile } from "./files.ts";
import { openOmniQ, shownUrl } from "./open.ts";
import { HEARTBEATS, HEARTBEAT_ID } from "./tasks.ts";

/** One line of the table: what the input demands, and what is stored. */
interface Line {
  readonly what: string;
  readonly demanded: string;
  readonly stored: string;
}

/**
 * Reads the store that it is given, in a process that took no part, and says whether all is as it must be. The
 * list of files that were enqueued comes as a message.
 */
const [url] = process.argv.slice(2);
if (!url) throw new Error("report needs the URL of a store");
const [files] = (await once(process, "message")) as [InputFile[]];

const omniq = await openOmniQ(url);
const history = await allEvents(omniq);
const lines = [
  ...(await measured(omniq, files)),
  ...(await single(omniq, "flaky", "SUCCESS", "3 executions")),
  ...(await single(omniq, "hopeless", "FAILED", "1 execution, validation")),
  ...(await single(omniq, "slow", "FAILED", "2 executions, timeout")),
  await heartbeats(omniq),
  urgentOnes(omniq, history),
  ...(await endings(omniq, history)),
];
await omniq.close();
print(lines, shownUrl(url));
process.disconnect();
process.exitCode = lines.every(({ demanded, stored }) => demanded === stored) ? 0 : 1;

/** Each file must have its result; it is measured again here, unless somebody has written to it meanwhile. */
async function measured(store: OmniQ, input: readonly InputFile[]): Promise<Line[]> {
  const demanded = { digests: 0, lines: 0, words: 0 };
  const stored = { files: 0, digests: 0, lines: 0, words: 0 };
  for (const file of input) {
    const found = (await store.getResult(measureId(file)))?.value as FileFacts | undefined;
    if (found) stored.files++;
    if (!(await isUnchanged(file))) continue;
    const facts = await measureFile(file.path);
    demanded.digests++;
    demanded.lines += facts.lines;
    demanded.words += facts.words;
    if (found?.sha256 === facts.sha256) stored.digests++;
    stored.lines += found?.lines ?? 0;
    stored.words += found?.words ?? 0;
  }
  return [
    { what: "files measured", demanded: `${input.length}`, stored: `${stored.files}` },
    { what: "  digests that agree", demanded: `${demanded.digests}`, stored: `${stored.digests}` },
    { what: "  lines", demanded: `${demanded.lines}`, stored: `${stored.lines}` },
    { what: "  words", demanded: `${demanded.words}`, stored: `${stored.words}` },
  ];
}

async function single(store: OmniQ, id: string, status: string, executions: string): Promise<Line[]> {
  const task = await store.getTask(id);
  return [{ what: id, demanded: `${status} after ${executions}`, stored: task ? describe(task) : "missing" }];
}

/** Failures and a success are executions; lost leases are not, so that a killed worker changes nothing here. */
function describe({ status, failures, error }: Task): string {
  const executions = failures + (status === "SUCCESS" ? 1 : 0);
  const type = error ? `, ${error.errorType}` : "";
  return `${status} after ${executions} execution${executions === 1 ? "" : "s"}${type}`;
}

async function heartbeats(store: OmniQ): Promise<Line> {
  const found: string[] = [];
  for (let run = 1; run <= HEARTBEATS + 1; run++) {
    const result = await store.getResult(HEARTBEAT_ID, { run });
    if (result) found.push(`${run}`);
  }
  const task = await store.getTask(HEARTBEAT_ID);
  const demanded = Array.from({ length: HEARTBEATS }, (_, index) => index + 1).join(", ");
  return {
    what: "heartbeat",
    demanded: `runs ${demanded}; SUCCESS`,
    stored: `runs ${found.join(", ")}; ${task?.status}`,
  };
}

/**
 * The most urgent one is taken first. Where the store does not promise that across workers, two that claim at once may
 * share them in any way, and each must keep to it by itself. A killed worker may make one run again: the first claim of
 * each counts.
 */
function urgentOnes(store: OmniQ, events: readonly TaskEvent[]): Line {
  const { strictOrder } = store.storage.capabilities;
  const first = new Map<string, TaskEvent>();
  for (const event of events) {
    const { type, taskId } = event;
    if (type === "started" && taskId.startsWith("urgent:") && !first.has(taskId)) first.set(taskId, event);
  }
  const lowest = new Map<string | null, number>();
  let late = 0;
  for (const { taskId, workerId } of first.values()) {
    const rank = Number(taskId.slice("urgent:".length));
    const taker = strictOrder ? null : workerId;
    if (rank > (lowest.get(taker) ?? rank)) late++;
    lowest.set(taker, rank);
  }
  return {
    what: "urgent, by priority",
    demanded: `${URGENT_RANKS.length} run, 0 after a less urgent one`,
    stored: `${first.size} run, ${late} after a less urgent one`,
  };
}

/** Every run must have ended, and none twice: the store's own record of events says so. */
async function endings(store: OmniQ, events: readonly TaskEvent[]): Promise<Line[]> {
  const counts = new Map<string, number>();
  for (const { type, taskId, run } of events) {
    if (type !== "completed" && type !== "failed") continue;
    counts.set(`${taskId} run ${run}`, (counts.get(`${taskId} run ${run}`) ?? 0) + 1);
  }
  const twice = [...counts.values()].filter((count) => count > 1).length;
  let left = 0;
  for (const { status, count } of await store.countTasks())
    if (status === "PENDING" || status === "RUNNING") left += count;
  return [
    { what: "runs that ended twice", demanded: "0", stored: `${twice}` },
    { what: "tasks left over", demanded: "0", stored: `${left}` },
  ];
}

async function allEvents(store: OmniQ): Promise<TaskEvent[]> {
  const found: TaskEvent[] = [];
  let cursor: string | null = null;
  do {
    const page: EventPage = await store.storage.queryEvents({ cursor, limit: 1000 });
    found.push(...page.events);
    ({ cursor } = page);
  } while (cursor !== null);
  return found;
}

function print(table: readonly Line[], store: string): void {
  const rows = [{ what: "", demanded: "demanded", stored: "stored" }, ...table];
  const width = (key: keyof Line): number => Math.max(...rows.map((row) => row[key].length));
  const text = rows.map((row, index) => {
    const mark = index === 0 ? "" : row.demanded === row.stored ? "ok" : "WRONG";
    return `  ${row.what.padEnd(width("what"))}  ${row.demanded.padEnd(width("demanded"))}  ${row.stored.padEnd(width("stored"))}  ${mark}`;
  });
  process.stdout.write(`\n${text.map((line) => line.trimEnd()).join("\n")}\n\nStore: ${store}\n`);
}
