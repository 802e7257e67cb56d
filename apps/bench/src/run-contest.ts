import { fork } from "node:child_process";
import type { Contest, Entrant } from "./contest.ts";
import type { Figures, Job } from "./job.ts";
import type { Places } from "./places.ts";
import { summaryOf } from "./results/summary.ts";
import type { Measured } from "./results/row.ts";
import { loadSystem } from "./systems.ts";
import { programPath } from "./program-path.ts";

/** No step of a short round takes as long; what hangs must not hold up the rest. */
const LIMIT_MS = 120_000;
/** A million tasks are stored and run before W5. */
const LIMIT_TO_GROW_MS = 600_000;

/** Measures the entrants of a contest in turns, round after round. */
export async function runContest(
  { workload, concurrency, entrants }: Contest,
  places: Places,
  rounds: number,
  broken: ReadonlyMap<string, string>,
): Promise<readonly Measured[]> {
  const measured = entrants.map((entrant) => ({
    entrant,
    rounds: [] as Figures[],
    error: broken.get(entrant.system) ?? null,
  }));
  for (let round = 0; round < rounds; round++) {
    for (const one of measured) {
      if (one.error !== null) continue;
      try {
        one.rounds.push(await measure(one.entrant, places));
      } catch (error) {
        one.error = (error as Error).message;
      }
    }
  }
  return Promise.all(
    measured.map(async ({ entrant: { system, mode, tasks }, rounds: figures, error }) => {
      const settings = error && !figures.length ? "" : (await loadSystem(places.store, system)).settings;
      const summary = summaryOf(error === null ? figures : []);
      const base = { store: places.store, workload, system, mode, concurrency, tasks };
      return { ...base, ...summary.figures, rounds: figures.length, spread: summary.spread, settings, error };
    }),
  );
}

async function measure({ system, variant, steps }: Entrant, places: Places): Promise<Figures> {
  return places.use(async (place) => {
    let figures: Figures = {};
    for (const step of steps) figures = await runJob({ system, place, variant, step });
    return figures;
  });
}

/** Does one step in a process of its own. */
function runJob(job: Job): Promise<Figures> {
  return new Promise((resolve, reject) => {
    const child = fork(programPath("measure"), [JSON.stringify(job)], {
      // Some peers warn so much that the figures could not be seen any more.
      env: { ...process.env, NODE_NO_WARNINGS: "1" },
    });
    let answer: Figures | string = `${job.system} ended before it had done its ${job.step.kind}`;
    const limitMs = job.step.kind === "grow" ? LIMIT_TO_GROW_MS : LIMIT_MS;
    const limit = setTimeout(() => {
      answer = `${job.system} did not end its ${job.step.kind} within ${limitMs / 1000} s`;
      child.kill("SIGKILL");
    }, limitMs);
    child.once("message", (message) => (answer = message as Figures | string));
    child.once("exit", () => {
      clearTimeout(limit);
      if (typeof answer === "string") reject(new Error(answer));
      else resolve(answer);
    });
  });
}
