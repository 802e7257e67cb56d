import type { Store } from "../system.ts";
import { type Target, toMode, toSystem } from "./targets.ts";
import type { Row } from "./row.ts";

type Work = Pick<Target, "workload" | "mode" | "concurrency">;

const SEQ: Work = { workload: "W1", mode: "seq", concurrency: 1 };
const X64: Work = { workload: "W1", mode: "x64", concurrency: 64 };
const BULK: Work = { workload: "W2", mode: "bulk of 1,000", concurrency: 1 };
const IDLE: Work = { workload: "W4", mode: "idle", concurrency: 1 };
const WAITING: Work = { workload: "W6", mode: "waiting", concurrency: 1 };

const drain = (concurrency: number, mode = "kept"): Work => ({ workload: "W3", mode, concurrency });

/** At least so many times as fast as a system in the same run. */
function times(store: Store, work: Work, least: number, system: string): Target {
  const text = `${least} of ${system === "raw" ? "bare code" : system}`;
  return { store, ...work, text, measure: toSystem(system), least, unit: "" };
}

/** At least so many times as good as whichever peer is best. */
function timesBest(store: Store, work: Work, least: number): Target {
  const text = least === 1 ? "the best peer" : `${least} of the best peer`;
  return { store, ...work, text, measure: (row) => row.ratioToBestPeer, least, unit: "" };
}

function within(store: Store, ms: number): Target {
  const measure = ({ p50 }: Row): number | null => p50 ?? null;
  return { store, ...IDLE, text: `p50 at most ${ms} ms`, measure, most: ms, unit: "ms" };
}

function smallerThan(store: Store, bytes: number): Target {
  const measure = ({ bytesPerTask }: Row): number | null => bytesPerTask ?? null;
  const text = `at most ${bytes} bytes a task`;
  return { store, ...WAITING, text, measure, most: bytes, unit: "bytes" };
}

/** What is asked of every store. */
function common(store: Store): readonly Target[] {
  const grown = ["100,000 waiting", "1,000,000 waiting", "100,000 finished", "1,000,000 finished"];
  return [
    ...(store === "file" ? grown.slice(0, 1) : grown).map((mode): Target => ({
      store,
      workload: "W5",
      mode,
      concurrency: 10,
      text: "0.8 of the rate with 10,000 waiting",
      measure: toMode("10,000 waiting"),
      least: 0.8,
      unit: "",
    })),
    ...["W3 c10", "W3 c64"].map((name): Target => memory(store, drain(Number(name.slice(4))))),
    ...["10,000 waiting", "100,000 waiting", "100,000 finished"].map((mode) =>
      memory(store, { workload: "W5", mode, concurrency: 10 }),
    ),
    {
      store,
      workload: "W7",
      mode: "lease of 5 s",
      concurrency: 10,
      text: "all done within the lease and 2 s",
      measure: ({ seconds, lost }) => (lost === 0 ? (seconds ?? null) : Infinity),
      most: 7,
      unit: "s",
    },
    {
      store,
      workload: "W8",
      mode: "INFO to a file",
      concurrency: 10,
      text: "0.95 of the rate without logging",
      measure: toMode("off"),
      least: 0.95,
      unit: "",
    },
  ];
}

const MOST_LIVE = 100_000;

/** The peak of the worker's process. On files a live task may take 500 bytes, since they are kept in memory. */
function memory(store: Store, work: Work): Target {
  const live = Math.min(Number.parseInt(work.mode.replaceAll(",", "")) || 20_000, MOST_LIVE);
  const most = store === "file" ? 120 + (live * 500) / 1e6 : 120;
  const measure = ({ peakRssMb }: Row): number | null => peakRssMb ?? null;
  return { store, ...work, text: `worker under ${most} MB`, measure, most, unit: "MB" };
}

const ERRORS: Work = { workload: "errors", mode: "made and written", concurrency: 1 };

export const TARGETS: readonly Target[] = [
  times("sqlite", SEQ, 0.8, "raw"),
  times("sqlite", X64, 2, "plainjob"),
  times("sqlite", BULK, 0.5, "raw"),
  times("sqlite", drain(10), 2, "plainjob"),
  times("sqlite", drain(64), 3, "plainjob"),
  within("sqlite", 1),
  smallerThan("sqlite", 300),
  ...common("sqlite"),
  {
    store: "sqlite",
    ...ERRORS,
    requirement: "S4.75",
    text: "a TaskError is made in less than 1 ms and written in less than 1 ms, on average",
    measure: ({ createMs, serializeMs }) =>
      createMs === undefined || serializeMs === undefined ? null : Math.max(createMs, serializeMs),
    most: 1,
    unit: "ms",
  },
  {
    store: "sqlite",
    workload: "errors",
    mode: "with stored errors",
    concurrency: 10,
    requirement: "S3.17",
    text: "0.95 of the rate without errors",
    measure: toMode("without errors"),
    least: 0.95,
    unit: "",
  },
  {
    store: "sqlite",
    workload: "errors",
    mode: "worker over a storage",
    concurrency: 10,
    requirement: "S4.107",
    text: "0.95 to 1.05 of the rate of a worker over a queue",
    measure: toMode("worker over a queue"),
    least: 0.95,
    most: 1.05,
    unit: "",
  },
  times("postgres", SEQ, 0.8, "raw"),
  timesBest("postgres", X64, 4),
  times("postgres", BULK, 0.7, "raw"),
  times("postgres", drain(10), 1.2, "pg-boss"),
  times("postgres", drain(64, "kept, batch 50"), 1.5, "pg-boss"),
  times("postgres", drain(64, "deleted, prefetch 500"), 1.1, "graphile-worker"),
  timesBest("postgres", IDLE, 1),
  smallerThan("postgres", 500),
  ...common("postgres"),
  timesBest("redis", SEQ, 1),
  times("redis", X64, 2, "bullmq"),
  times("redis", BULK, 2, "bullmq"),
  times("redis", drain(10), 2.2, "bullmq"),
  times("redis", drain(64), 2, "bee-queue"),
  timesBest("redis", IDLE, 1),
  smallerThan("redis", 450),
  ...common("redis"),
  times("file", SEQ, 0.8, "raw"),
  times("file", X64, 25, "platformatic"),
  times("file", BULK, 100, "platformatic"),
  times("file", drain(10), 50, "platformatic"),
  times("file", drain(64), 50, "platformatic"),
  within("file", 1.5),
  ...common("file"),
];
