import { type AnyTaskDefinition, type Logger, OmniQ, silentLogger } from "@omniq/core";
import type { Place } from "../system.ts";

/** OmniQ on a place, as it comes: durable, fencing and results on, events at level errors. */
export function openOmniQ(
  { store, folder, url }: Place,
  tasks: readonly AnyTaskDefinition[],
  logger: Logger = silentLogger,
): Promise<OmniQ> {
  const options = { tasks, logger };
  if (store === "sqlite") return OmniQ.open(`sqlite:${folder}/omniq.db`, options);
  if (store === "file") return OmniQ.open(`file:${folder}/omniq`, options);
  return OmniQ.open(url, options);
}

/** How many tasks wait, and how many have succeeded. */
export async function countsOf(queue: OmniQ): Promise<{ waiting: number; succeeded: number }> {
  const counts = await queue.countTasks();
  const of = (status: string): number =>
    counts.filter((row) => row.status === status).reduce((sum, { count }) => sum + count, 0);
  return { waiting: of("PENDING"), succeeded: of("SUCCESS") };
}
