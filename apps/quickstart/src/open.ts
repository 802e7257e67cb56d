import { OmniQ, silentLogger } from "@omniq/core";
import { tasks } from "./tasks.ts";

/** Opens the database with all tasks known, and every event kept, so that the report can count them. */
export async function openOmniQ(database: string): Promise<OmniQ> {
  const omniq: OmniQ = await OmniQ.open(`sqlite:${database}`, {
    tasks: Object.values(tasks(() => omniq)),
    events: "all",
    logger: silentLogger,
  });
  return omniq;
}
