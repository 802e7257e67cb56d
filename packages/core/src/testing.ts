/** Helpers for tests of applications and adapters. */
export { ManualClock } from "./ports/manual-clock.ts";
export { TestQueue, type TestQueueOptions } from "./testing/test-queue.ts";
