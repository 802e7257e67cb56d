import { AsyncLocalStorage } from "node:async_hooks";
import type { Facts } from "./flat-fields.ts";

/** The facts that hold for everything that the work under way causes, however far down it logs. */
const inForce = new AsyncLocalStorage<readonly Facts[]>();

const NONE: readonly Facts[] = [];

export function factsInForce(): readonly Facts[] {
  return inForce.getStore() ?? NONE;
}

/** The id that ties together what one cause led to, across tasks and processes. */
export function correlationInForce(): string | undefined {
  return correlationOf(factsInForce());
}

/** The latest that is named. */
export function correlationOf(facts: readonly Facts[]): string | undefined {
  const id = facts.findLast(({ given }) => given["correlation_id"] !== undefined)?.given["correlation_id"];
  return typeof id === "string" ? id : undefined;
}

/** Runs `work` with `facts` in force, over those that are. */
export function within<T>(facts: Facts, work: () => T): T {
  return inForce.run([...factsInForce(), facts], work);
}
