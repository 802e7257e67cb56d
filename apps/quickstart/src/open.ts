import { OmniQ, silentLogger } from "@omniq/core";
import { tasks } from "./tasks.ts";

/** Opens the store with all tasks known, and every event kept, so that the report can count them. */
export async function openOmniQ(url: string): Promise<OmniQ> {
  const omniq: OmniQ = await OmniQ.open(url, {
    tasks: Object.values(tasks(() => omniq)),
    events: "all",
    logger: silentLogger,
  });
  return omniq;
}

/** A URL for people to read: without the password that it may carry. */
export function shownUrl(url: string): string {
  return url.replace(/(?<=:\/\/)[^@/]*@/, "");
}
