import type { Answered, Asked } from "./call.ts";

/** One task that is claimed, settled, cancelled and revived, the clock standing still. */
export interface SequentialTask {
  readonly status: "PENDING" | "RUNNING" | "SUCCESS" | "CANCELLED";
  readonly run: number;
  readonly attempts: number;
  readonly token: string | null;
  /** The token that settled last, and how. */
  readonly settled: string | null;
}

export interface FollowOptions {
  /** Whether a claim that finds nothing says that there was nothing; otherwise it may have passed by what another call held. */
  readonly strictClaims: boolean;
}

export const NEW_TASK: SequentialTask = {
  status: "PENDING",
  run: 1,
  attempts: 0,
  token: null,
  settled: null,
};

/**
 * What the task is after a call, if the call can be answered like this; null if not. An answer that nobody knows is
 * possible whatever it would have been.
 */
export function follow(
  task: SequentialTask,
  asked: Asked,
  answered: Answered,
  { strictClaims }: FollowOptions,
): SequentialTask | null {
  const is = (answer: string): boolean => answered === null || answered === answer;
  switch (asked.kind) {
    case "read":
      return is(`${task.status} ${task.run} ${task.attempts}`) ? task : null;
    case "claim":
      if (task.status !== "PENDING") return is("nothing") ? task : null;
      if (answered === "nothing") return strictClaims ? null : task;
      // A token that nobody heard of is nobody's.
      return { ...task, status: "RUNNING", attempts: task.attempts + 1, token: answered ?? "unheard" };
    case "cancel": {
      const isLive = task.status === "PENDING" || task.status === "RUNNING";
      if (!isLive) return is("unchanged") ? task : null;
      return is("done") ? { ...task, status: "CANCELLED", token: null } : null;
    }
    case "retryTask":
      if (task.status !== "CANCELLED") return is("invalid_transition") ? task : null;
      return is("done") ? { ...task, status: "PENDING", run: task.run + 1, attempts: 0 } : null;
    case "renew":
      return is(task.token === asked.token ? "renewed" : "lost") ? task : null;
    case "complete":
    case "release": {
      const settled = `${asked.kind} ${asked.token}`;
      if (task.settled?.endsWith(` ${asked.token}`))
        return is(task.settled === settled ? "repeated" : "conflict") ? task : null;
      if (task.token !== asked.token) return is("lost") ? task : null;
      if (!is("settled")) return null;
      const next = { ...task, token: null, settled };
      return asked.kind === "complete"
        ? { ...next, status: "SUCCESS" }
        : { ...next, status: "PENDING", attempts: task.attempts - 1 };
    }
  }
}
