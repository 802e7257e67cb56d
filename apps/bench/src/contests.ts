import { type Contest, type Entrant, entrant } from "./contest.ts";
import type { Step } from "./job.ts";
import { growth, omniqAlone } from "./omniq-contests.ts";
import { type Sizes, tasksOf } from "./sizes.ts";
import { PEERS } from "./systems.ts";
import type { Store, Variant } from "./system.ts";

/** All that is measured on a store. */
export function contestsOf(store: Store, sizes: Sizes): readonly Contest[] {
  const queues = ["omniq", ...PEERS[store]];
  const everyone = [...queues, "raw"];
  return [
    enqueueing(everyone, "seq", 1, sizes.sequential),
    enqueueing(everyone, "x64", 64, sizes.concurrent),
    {
      workload: "W2",
      concurrency: 1,
      entrants: everyone.map((system) => {
        const tasks = tasksOf(system, sizes.bulk);
        return entrant(system, "bulk of 1,000", tasks, [{ kind: "bulk", total: tasks }], keepsOf(system));
      }),
    },
    ...[1, 10, 64].flatMap((concurrency) => drains(store, sizes, concurrency)),
    {
      workload: "W4",
      concurrency: 1,
      entrants: queues.map((system) => {
        const steps: readonly Step[] = [{ kind: "latency", total: sizes.latencies }];
        return entrant(system, "idle", sizes.latencies, steps, { ...keepsOf(system), isIdle: true });
      }),
    },
    growth(sizes),
    ...(["waiting", "finished"] as const).map((state): Contest => ({
      workload: "W6",
      concurrency: 1,
      entrants: queues
        .filter((system) => state === "waiting" || keeps(system))
        .map((system) => {
          const tasks = tasksOf(system, sizes.atRest);
          return entrant(system, state, tasks, [{ kind: "at-rest", total: tasks, state }], keepsOf(system));
        }),
    })),
    ...omniqAlone(store, sizes),
  ];
}

function enqueueing(systems: readonly string[], mode: string, callers: number, size: number): Contest {
  return {
    workload: "W1",
    concurrency: callers,
    entrants: systems.map((system) => {
      const tasks = tasksOf(system, size);
      return entrant(system, mode, tasks, [{ kind: "enqueue", total: tasks, callers }], keepsOf(system));
    }),
  };
}

/** What can be compared at one concurrency: rows kept or not, and the batches that the peers recommend. */
function drains(store: Store, sizes: Sizes, concurrency: number): readonly Contest[] {
  const of = (system: string, mode: string, variant: Partial<Variant>): Entrant => {
    const tasks = tasksOf(system, concurrency === 1 ? sizes.drainOne : sizes.drain);
    const steps: readonly Step[] = [
      { kind: "fill", total: tasks },
      { kind: "drain", total: tasks, concurrency },
    ];
    return entrant(system, mode, tasks, steps, variant);
  };
  const peers = PEERS[store];
  const kept = ["omniq", ...peers.filter(keeps), "raw"].map((system) => of(system, "kept", {}));
  const deleted = ["omniq", ...peers.filter(deletes), "raw"].map((system) =>
    of(system, "deleted", { keeps: false }),
  );
  const contests = [kept, deleted];
  if (store === "postgres" && concurrency > 1) {
    // OmniQ as it comes, beside the batch that pg-boss's figures are known by.
    contests.push([
      of("omniq", "kept, batch 50", {}),
      of("pg-boss", "kept, batch 50", { batch: 50 }),
      of("raw", "kept, batch 50", { batch: 50 }),
    ]);
    contests.push(
      ["omniq", "graphile-worker", "raw"].map((system) =>
        of(system, "deleted, prefetch 500", { keeps: false, batch: 500 }),
      ),
    );
  }
  return contests.map((entrants) => ({ workload: "W3", concurrency, entrants }));
}

/** Whether a system can keep what has succeeded. */
function keeps(system: string): boolean {
  return system !== "graphile-worker";
}

/** Whether a system can remove a task in the step that completes it. */
function deletes(system: string): boolean {
  return !["pg-boss", "plainjob", "platformatic"].includes(system);
}

function keepsOf(system: string): Pick<Variant, "keeps"> {
  return { keeps: keeps(system) };
}
