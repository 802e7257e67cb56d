import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { claim, complete } from "@omniq/test-support/steps";
import { seededRandom } from "@omniq/test-support/seeded-random";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();

const PROCESSES = 4;
const FAULTS = 80;
const MOST_STOPPED = 2;
const PROGRAM = fileURLToPath(new URL("fixtures/busy-worker.ts", import.meta.url));

describe("four processes on one folder, killed and stopped at random", () => {
  it("lose nothing that was acknowledged, and record nothing twice", async () => {
    const random = seededRandom();
    const enqueued = new Set<string>();
    const settled = new Map<string, number>();
    const children: ChildProcess[] = [];
    let started = 0;
    const start = (slot: number): void => {
      const child = fork(PROGRAM, [place.folder, `p${started++}`], {
        execArgv: ["--conditions=@omniq/source"],
      });
      child.on("message", ([what, id]: [string, string]) => {
        if (what === "enqueued") enqueued.add(id);
        else settled.set(id, (settled.get(id) ?? 0) + 1);
      });
      children[slot] = child;
    };
    for (let slot = 0; slot < PROCESSES; slot++) start(slot);
    const stopped = new Set<ChildProcess>();
    let kills = 0;
    let stops = 0;
    try {
      for (let fault = 0; fault < FAULTS; fault++) {
        await delay(20 + random() * 160);
        const slot = Math.floor(random() * PROCESSES);
        const child = children[slot] as ChildProcess;
        assert.equal(child.exitCode, null, "a process has ended by itself");
        if (random() < 0.3) {
          child.kill("SIGKILL");
          kills++;
          await once(child, "close");
          stopped.delete(child);
          start(slot);
        } else if (stopped.size < MOST_STOPPED && !stopped.has(child)) {
          // The others are left to go on, or nobody would ever take over.
          child.kill("SIGSTOP");
          stops++;
          stopped.add(child);
          void delay(50 + random() * 800).then(() => {
            stopped.delete(child);
            child.kill("SIGCONT");
          });
        }
      }
      for (const child of children) {
        child.kill("SIGCONT");
        child.send("end");
      }
      const ends = await Promise.all(children.map((child) => once(child, "close")));
      assert.deepEqual(
        ends,
        ends.map(() => [0, null]),
        "how the processes have ended",
      );
    } finally {
      for (const child of children) child.kill("SIGKILL");
    }

    const store = place.store();
    await delay(800);
    for (let tasks = await claim(store, 500); tasks.length > 0; tasks = await claim(store, 500))
      for (const task of tasks) assert.equal((await complete(store, task)).status, "settled");
    const found = new Map<string, string>();
    for (let cursor: string | null = null; ;) {
      const page: Awaited<ReturnType<typeof store.listTasks>> = await store.listTasks({
        limit: 1000,
        cursor,
      });
      for (const { id, status } of page.tasks) found.set(id, status);
      cursor = page.cursor;
      if (cursor === null) break;
    }
    const archives = readdirSync(place.folder).filter((name) => name.startsWith("archive-"));
    assert.ok(archives.length > 0, "nothing was archived");
    for (const id of found.keys())
      assert.equal((await store.getResult(id))?.status, "SUCCESS", `the result of ${id}`);
    process.stdout.write(
      `${kills} kills, ${stops} stops, ${enqueued.size} tasks acknowledged, ${settled.size} settlements acknowledged, ` +
        `${readdirSync(place.folder).length} files left\n`,
    );
    assert.deepEqual(
      [...enqueued].filter((id) => !found.has(id)),
      [],
      "acknowledged and lost",
    );
    assert.deepEqual(
      [...settled].filter(([, times]) => times > 1),
      [],
      "recorded twice",
    );
    assert.deepEqual(
      [...found].filter(([, status]) => status !== "SUCCESS"),
      [],
      "not done in the end",
    );
    assert.ok(enqueued.size > 100 && settled.size > 50, "hardly anything has happened");
  });
});
