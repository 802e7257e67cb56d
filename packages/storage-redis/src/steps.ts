import type { Argument, Connection } from "@omniq/connection-redis";
import { afterSome } from "@omniq/core/storage";
import { partsOf } from "./parts.ts";

const REMOVED_AT_ONCE = 1000;

/** Runs a script, as a connection does. */
type Run = Connection["run"];

/** Runs the scripts of one call. Once the first was carried out, an error can no longer say that nothing was. */
export function inSteps(connection: Connection, isFirst = true): Run {
  return async (name, args) => {
    try {
      const answer = await connection.run(name, args);
      isFirst = false;
      return answer;
    } catch (error) {
      throw isFirst ? error : afterSome(error);
    }
  };
}

/**
 * Runs a script over a list, in parts. Each part answers now and what became of its items; the last one, which gets the
 * further arguments, something more.
 */
export async function runEach<T>(
  run: Run,
  name: string,
  items: readonly T[],
  argumentsOf: (item: T) => readonly string[],
  further: readonly Argument[] = [],
): Promise<{ readonly now: number; readonly replies: readonly unknown[]; readonly last: unknown }> {
  const parts = partsOf(items, argumentsOf);
  parts.at(-1)?.push(...further);
  const answers: (readonly [now: string, replies: unknown[], last?: unknown])[] = [];
  for (const part of parts) answers.push((await run(name, part)) as (typeof answers)[number]);
  const [now, , last] = answers.at(-1) ?? [0];
  return { now: Number(now), replies: answers.flatMap(([, replies]) => replies), last };
}

/** Removes up to `limit` entries by a script that answers how many it looked at and removed. */
export async function removeUpTo(
  run: Run,
  name: string,
  limit: number,
  args: readonly Argument[],
): Promise<number> {
  let total = 0;
  for (;;) {
    const most = Math.min(limit - total, REMOVED_AT_ONCE);
    const [looked = 0, removed = 0] = (await run(name, [most, ...args])) as number[];
    total += removed;
    if (looked < most || total >= limit) return total;
  }
}
