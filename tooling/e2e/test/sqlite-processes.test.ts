import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { OmniQ, defineTask, silentLogger } from "@omniq/core";
import type { EventPage } from "@omniq/core/storage";
import * as sqlite from "@omniq/storage-sqlite";
import { useChildren } from "@omniq/test-support/children";
import { temporaryFolder } from "@omniq/test-support/temporary-folder";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Executed } from "../fixtures/recording-task.ts";

const start = useChildren(new URL("../fixtures/", import.meta.url));

const recorded = defineTask({ name: "record", run: (_payload: null) => "here" });
const stubborn = defineTask({ name: "stubborn", run: (_payload: null) => "the second worker's" });

interface Database {
  readonly path: string;
  readonly omniq: OmniQ;
}

async function database(): Promise<Database> {
  const path = join(temporaryFolder(), "omniq.db");
  const omniq = await OmniQ.open(`sqlite:${path}`, {
    adapter: sqlite,
    tasks: [recorded, stubborn],
    events: "all",
    logger: silentLogger,
  });
  onTestFinished(() => omniq.close());
  return { path, omniq };
}

/** Looks again and again until something holds; the test's own time limit ends a wait in vain. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(20);
}

async function ended(omniq: OmniQ): Promise<boolean> {
  return (await omniq.countTasks()).every(({ status }) => status !== "PENDING" && status !== "RUNNING");
}

/** The ids of the tasks whose completion is recorded, one for each time. */
async function completions({ storage }: OmniQ): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const page: EventPage = await storage.queryEvents({ type: "completed", limit: 1000, cursor });
    found.push(...page.events.map(({ taskId }) => taskId));
    ({ cursor } = page);
  } while (cursor !== null);
  return found;
}

describe("processes on one SQLite file", () => {
  it("8 of them execute each of 2,000 tasks once", async () => {
    const { path, omniq } = await database();
    const workers = Array.from({ length: 8 }, () => start("worker", path, "8"));
    for (const worker of workers) await worker.receive();
    const items = Array.from({ length: 2000 }, () => ({ task: recorded, payload: null }));
    const ids = await omniq.enqueueMany(items);
    await until(() => ended(omniq));
    const reports: Executed[] = [];
    for (const worker of workers) {
      worker.send("report");
      reports.push(await worker.receive<Executed>());
      worker.send("stop");
    }
    for (const worker of workers) {
      expect(await worker.exited).toEqual({ code: 0, signal: null });
      expect(worker.errors).toBe("");
    }
    expect(reports.flatMap((report) => report.ids).toSorted()).toEqual(ids.toSorted());
    const holds = reports.map(({ longestHold }) => Math.round(longestHold));
    process.stdout.write(`Longest hold of each worker's event loop, in ms: ${holds.join(" ")}\n`);
    expect((await completions(omniq)).toSorted()).toEqual(ids.toSorted());
  });

  it("a holder that was stopped past its lease is refused, and the other's outcome stands", async () => {
    const { path, omniq } = await database();
    const id = await omniq.enqueue(recorded, null);
    const holder = start("holder", path, "500");
    expect(await holder.receive()).toEqual([id]);
    holder.kill("SIGSTOP");
    await using worker = omniq.worker();
    await worker.start();
    const result = await omniq.getResult(id, { wait: true, timeout: "50s" });
    expect(result.value).toBe("here");
    holder.send("complete");
    holder.kill("SIGCONT");
    expect(await holder.receive()).toEqual(["lease_lost"]);
    expect((await omniq.getResult(id))?.value).toBe("here");
    expect(await omniq.getTask(id)).toMatchObject({ status: "SUCCESS", attempts: 2, recoveries: 1 });
  });

  it("a worker that was stopped past its lease aborts its handler when it wakes", async () => {
    const { path, omniq } = await database();
    const id = await omniq.enqueue(stubborn, null);
    const first = start("stubborn-worker", path, "600ms");
    expect(await first.receive()).toBe("running");
    first.kill("SIGSTOP");
    await using worker = omniq.worker();
    await worker.start();
    await omniq.getResult(id, { wait: true, timeout: "50s" });
    first.kill("SIGCONT");
    expect(await first.receive<Error>()).toMatchObject({ message: expect.stringContaining("taken_over") });
    expect((await omniq.getResult(id))?.value).toBe("the second worker's");
    first.kill("SIGTERM");
    expect(await first.exited).toEqual({ code: 0, signal: null });
  });

  it("the tasks of a killed worker are run by another", async () => {
    const { path, omniq } = await database();
    const items = Array.from({ length: 20 }, () => ({ task: recorded, payload: null }));
    const ids = await omniq.enqueueMany(items);
    const holder = start("holder", path, "500");
    expect(await holder.receive<string[]>()).toHaveLength(20);
    holder.kill("SIGKILL");
    await holder.exited;
    await using worker = omniq.worker({ concurrency: 4 });
    await worker.start();
    await until(() => ended(omniq));
    for (const id of ids) {
      expect(await omniq.getTask(id)).toMatchObject({
        status: "SUCCESS",
        attempts: 2,
        recoveries: 1,
        failures: 0,
      });
    }
  });

  it("SIGTERM stops a worker that heeds signals: its task is released, and the process ends by itself", async () => {
    const { path, omniq } = await database();
    const id = await omniq.enqueue(stubborn, null);
    const worker = start("stubborn-worker", path, "60s");
    expect(await worker.receive()).toBe("running");
    worker.kill("SIGTERM");
    expect(await worker.receive<Error>()).toMatchObject({
      message: expect.stringContaining("shutting down"),
    });
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(await omniq.getTask(id)).toMatchObject({
      status: "PENDING",
      attempts: 0,
      failures: 0,
      recoveries: 0,
    });
  });

  it("a task enqueued by another process wakes an idle worker, without polling", async () => {
    const { path, omniq } = await database();
    await using worker = omniq.worker({ pollInterval: "1h" });
    await worker.start();
    const producer = start("producer", path, "record");
    const id = await producer.receive<string>();
    const result = await omniq.getResult(id, { wait: true, timeout: "50s" });
    expect(result.value).toBe("here");
    expect(await producer.exited).toEqual({ code: 0, signal: null });
  });
});
