import { expectSame } from "../expect.ts";
import { makeActs } from "../process/make-acts.ts";
import type { Rule } from "../rule.ts";
import type { RuleContext } from "../rule-context.ts";
import { systemClock } from "@omniq/core";
import { pause } from "../real-time.ts";
import { within } from "../within.ts";
import { countOf, enqueueOne } from "../steps.ts";

const INSTANCES = 8;
/** How many processes are killed while they open an empty place, at moments spread over the time that it takes. */
const KILLS = 6;

/** Rules about opening and closing in processes. */
export const lifecycleProcessRules: readonly Rule[] = [
  {
    id: "LIF-1",
    level: "capability",
    kinds: ["process"],
    since: "1.0",
    topic: "lifecycle",
    statement:
      "8 processes opening an empty store at once all succeed; a crash in migration is repaired by the next open.",
    why: "A deployment starts all its processes at once, on a store that none of them has seen.",
    capability: "multiProcess",
    checks: [
      {
        name: "8 processes open one empty place at once",
        needs: "multiProcess",
        door: "processes",
        async run(context) {
          const processes = Array.from({ length: INSTANCES }, () => context.spawn());
          await Promise.all(
            processes.map((process, index) => process.run("enqueue", [{ id: `task of process ${index}` }])),
          );
          expectSame(
            await countOf(context.store),
            INSTANCES,
            "tasks that 8 processes enqueued, each as its first call",
          );
        },
      },
      {
        name: "processes are killed while they open one",
        needs: "multiProcess",
        door: "processes",
        async run(context) {
          const whole = await context.beside();
          const opening = await timeToOpen(whole);
          for (let kill = 1; kill <= KILLS; kill++) {
            const place = await context.beside();
            const program = makeActs(place.start(), []);
            await program.told(1);
            await pause((opening * kill) / KILLS);
            await program.kill();
            const id = await enqueueOne(place.store);
            expectSame(
              (await place.connect().getTask(id))?.status,
              "PENDING",
              "a task enqueued after a process was killed while it opened the place",
            );
            await context.leave(place);
          }
        },
      },
    ],
  },
  {
    id: "LIF-3",
    level: "capability",
    kinds: ["process"],
    since: "1.0",
    topic: "lifecycle",
    statement:
      "After close the process exits by itself (bounds like this are liveness limits: a test waits ten times as long " +
      "before it calls it a failure).",
    why: "A script that enqueues one task must end; a container that is told to stop is otherwise killed.",
    capability: "multiProcess",
    checks: [
      {
        name: "a process enqueues, watches, closes, and ends",
        needs: "multiProcess",
        door: "processes",
        async run(context) {
          const process = context.spawn();
          await process.run("enqueue", [{ id: "one" }]);
          await process.run("watch", undefined);
          await process.run("close", undefined);
          const { code, signal, errors } = await within(
            context.livenessMs,
            () => process.ended,
            "the process has not ended by itself after close",
          );
          expectSame(
            [code, signal, errors],
            [0, null, ""],
            "how the process ended: exit code, signal, standard error",
          );
        },
      },
    ],
  },
];

/** How long a process takes to open an empty place: from its first line to its second. */
async function timeToOpen(context: RuleContext): Promise<number> {
  const program = makeActs(context.start(), []);
  await program.told(1);
  const begin = systemClock.now();
  await program.told(2);
  return systemClock.now() - begin;
}
