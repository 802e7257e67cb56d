import { type Outcome, complete, fail, release, retry } from "../steps.ts";

/** One outcome of each kind. */
export const OUTCOMES: Readonly<Record<Outcome["kind"], Outcome>> = {
  complete: complete("done"),
  fail: fail("broke"),
  retry: retry(60_000, "broke for now"),
  release,
};
