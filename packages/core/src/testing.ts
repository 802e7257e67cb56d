/** Helpers for tests of applications and adapters. */
export { ManualClock } from "./ports/manual-clock.ts";
