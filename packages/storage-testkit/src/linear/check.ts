import type { Call } from "./call.ts";
import { type FollowOptions, NEW_TASK, type SequentialTask, follow } from "./sequential-task.ts";

/**
 * Whether calls on one task can be put into an order that explains every answer, in which no call comes before another
 * that had ended when it began. This is the search of Wing and Gong: any call that began before the first end of those
 * left may be the next one; what was seen to lead nowhere is not gone into again. Tasks are checked one by one, since a
 * history is linearizable if it is so for each object by itself (Herlihy and Wing), which keeps the search small.
 *
 * @returns null if there is such an order; else the longest beginning of one that was found.
 */
export function explain(calls: readonly Call[], options: FollowOptions): readonly Call[] | null {
  const ordered = calls.toSorted((a, b) => a.begin - b.begin);
  const deadEnds = new Set<string>();
  let longest: readonly Call[] = [];

  const search = (left: readonly Call[], task: SequentialTask, order: readonly Call[]): boolean => {
    if (order.length > longest.length) longest = order;
    // What was never answered may never have happened.
    if (left.every(({ end }) => end === Infinity)) return true;
    const key = `${left.map((call) => ordered.indexOf(call)).join()} ${JSON.stringify(task)}`;
    if (deadEnds.has(key)) return false;
    const firstEnd = Math.min(...left.map(({ end }) => end));
    for (const call of left.filter(({ begin }) => begin <= firstEnd)) {
      const next = follow(task, call.asked, call.answered, options);
      const rest = left.filter((other) => other !== call);
      if (next && search(rest, next, [...order, call])) return true;
    }
    deadEnds.add(key);
    return false;
  };

  return search(ordered, NEW_TASK, []) ? null : longest;
}

/** A call, for a message. */
export function tell({ client, asked, answered, begin, end }: Call, origin: number): string {
  const token = "token" in asked ? ` ${asked.token}` : "";
  const span = `${Math.round(begin - origin)} to ${end === Infinity ? "?" : Math.round(end - origin)} us`;
  return `${client} ${asked.kind}${token} -> ${answered ?? "no answer"} (${span})`;
}
