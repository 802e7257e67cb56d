import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Figures, Job } from "../job.ts";
import type { Session } from "../system.ts";
import { expectCounts, preciseNow } from "./timing.ts";
import { programPath } from "../program-path.ts";

/** What a worker's process is started with. */
export interface WorkerJob extends Job {
  readonly concurrency: number;
  /** Whether it tells of each task. */
  readonly tells: boolean;
}

/** Long enough for a worker to have nothing left to do, and to wait. */
const PAUSE_MS = 10;
const WARM_UP = 10;
const LIMIT_MS = 20_000;

/** An idle worker in another process, one task at a time: from the enqueue call to the handler's first line. */
export async function latency(session: Session, job: Job, total: number): Promise<Figures> {
  const worker = await startWorker({ ...job, concurrency: 1, tells: true });
  const times: number[] = [];
  try {
    for (let n = 0; n < total + WARM_UP; n++) {
      await pause(PAUSE_MS);
      const ran = nextMessage(worker);
      const began = preciseNow();
      void session.add({ n });
      const at = await ran;
      if (n >= WARM_UP) times.push(at - began);
    }
  } finally {
    await stop(worker);
  }
  await expectCounts(session, { waiting: 0, succeeded: job.variant.keeps ? total + WARM_UP : 0 });
  return percentiles(times);
}

/** How long calls take that enqueue one task each, while a worker in another process drains what waits. */
export async function enqueueBeside(
  session: Session,
  job: Job,
  {
    total,
    waiting,
    concurrency,
  }: { readonly total: number; readonly waiting: number; readonly concurrency: number },
): Promise<Figures> {
  const worker = await startWorker({ ...job, concurrency, tells: false });
  const times: number[] = [];
  try {
    for (let n = 0; n < total; n++) {
      const began = performance.now();
      await session.add({ n: waiting + n });
      times.push(performance.now() - began);
    }
    const { waiting: left } = await session.counts();
    if (left === 0) throw new Error("The drain was over before the calls were");
  } finally {
    await stop(worker);
  }
  const counts = await session.counts();
  if (counts.waiting + counts.succeeded !== waiting + total) throw new Error("Tasks are missing");
  return percentiles(times);
}

function percentiles(times: readonly number[]): Figures {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] as number) * 100) /
    100;
  return { p50: at(0.5), p99: at(0.99) };
}

async function stop(worker: ChildProcess): Promise<void> {
  worker.send("stop");
  await once(worker, "exit");
}

/** Forks the process of a worker, and resolves when it works. */
async function startWorker(job: WorkerJob): Promise<ChildProcess> {
  const worker = fork(programPath("worker"), [JSON.stringify(job)]);
  await nextMessage(worker);
  return worker;
}

/** @throws where the process ends instead, or says nothing for long */
function nextMessage(worker: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => finish(() => reject(new Error("The worker was not woken"))), LIMIT_MS);
    const onMessage = (message: unknown): void => finish(() => resolve(message as number));
    const onExit = (): void => finish(() => reject(new Error("The worker's process ended")));
    const finish = (settle: () => void): void => {
      clearTimeout(limit);
      worker.off("message", onMessage).off("exit", onExit);
      settle();
    };
    worker.once("message", onMessage).once("exit", onExit);
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
