import { harnessOf } from "./harness.ts";

/** The oldest Postgres that is supported. */
export const harness = harnessOf(15, import.meta.url);
