import { setTimeout as pause } from "node:timers/promises";
import { NonRetryableError, type OmniQ, type TaskContext, defineTask } from "@omniq/core";
import { type FileFacts, measureFile } from "./files.ts";

/** How often the interval task runs. */
export const HEARTBEATS = 3;
export const HEARTBEAT_ID = "heartbeat";

/** Reads a file; takes its time, so that there is something to watch, and to kill. */
export const measure = defineTask({
  name: "measure",
  timeout: "30s",
  run: async ({ path }: { path: string }, { signal }: TaskContext): Promise<FileFacts> => {
    await pause(60, undefined, { signal });
    return measureFile(path);
  },
});

/** Fails twice, then succeeds. */
export const flaky = defineTask({
  name: "flaky",
  maxRetries: 5,
  retry: { strategy: "fixed", base: "200ms" },
  run: (_payload: null, { failures }: TaskContext) => {
    if (failures < 2) throw new Error(`Not yet: failure ${failures + 1} of 2`);
    return "succeeded after two failures";
  },
});

/** Fails in a way that no retry can mend. */
export const hopeless = defineTask({
  name: "hopeless",
  maxRetries: 5,
  run: (_payload: null): never => {
    throw new NonRetryableError("This input is wrong, and will be wrong tomorrow", {
      errorType: "validation",
    });
  },
});

/** Takes longer than it may, twice. */
export const slow = defineTask({
  name: "slow",
  timeout: "300ms",
  maxRetries: 1,
  retry: { strategy: "fixed", base: "200ms" },
  run: (_payload: null, { signal }: TaskContext) => pause(60_000, "too late", { signal }),
});

/** One of a queue whose tasks go by priority. */
export const urgent = defineTask({
  name: "urgent",
  queue: "urgent",
  run: ({ rank }: { rank: number }) => rank,
});

/** Runs again and again under one id; at its last run it declares itself as not recurring any more. */
function heartbeat(omniq: () => OmniQ) {
  return defineTask({
    name: "heartbeat",
    run: async (_payload: null, { run, taskId }: TaskContext) => {
      if (run >= HEARTBEATS) await omniq().schedule("heartbeat", null, { id: taskId });
      return run;
    },
  });
}

/** The tasks of every process of the quickstart. */
export function tasks(omniq: () => OmniQ) {
  return { measure, flaky, hopeless, slow, urgent, heartbeat: heartbeat(omniq) };
}
