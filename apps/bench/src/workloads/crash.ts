import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { defineTask } from "@omniq/core";
import type { Figures } from "../job.ts";
import { countsOf, openOmniQ } from "../systems/open-omniq.ts";
import type { Payload, Place } from "../system.ts";
import { programPath } from "../program-path.ts";

const KILL_AFTER_MS = 1000;
const LOOK_EVERY_MS = 20;
const LIMIT_MS = 60_000;

/** Two workers, concurrency 10, tasks of 50 ms. One worker is killed; how long after that all is done, by whom it may. */
export async function crash(place: Place, total: number, leaseMs: number): Promise<Figures> {
  const task = defineTask({ name: "slow", run: (_payload: Payload) => {} });
  const queue = await openOmniQ(place, [task]);
  await queue.enqueueMany(Array.from({ length: total }, (_, n) => ({ task, payload: { n } })));
  const [victim, other] = await Promise.all([startWorker(place, leaseMs), startWorker(place, leaseMs)]);
  await pause(KILL_AFTER_MS);
  const killed = once(victim, "exit");
  victim.kill("SIGKILL");
  const began = performance.now();
  await killed;
  let { succeeded } = await countsOf(queue);
  while (succeeded < total && performance.now() - began < LIMIT_MS) {
    await pause(LOOK_EVERY_MS);
    ({ succeeded } = await countsOf(queue));
  }
  const seconds = Math.round((performance.now() - began) / 10) / 100;
  const ended = once(other, "exit");
  other.send("stop");
  await ended;
  await queue.close();
  return { seconds, lost: total - succeeded, runTwice: runTwice(place.folder) };
}

/** How many tasks were begun more than once: those that the killed worker had begun and could not end. */
function runTwice(folder: string): number {
  const runs = readdirSync(folder)
    .filter((name) => name.startsWith("runs-"))
    .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n").filter(Boolean));
  return runs.length - new Set(runs).size;
}

async function startWorker(place: Place, leaseMs: number): Promise<ChildProcess> {
  const worker = fork(programPath("crash-worker"), [JSON.stringify(place), String(leaseMs)]);
  await once(worker, "message");
  return worker;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
