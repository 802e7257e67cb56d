export const MINUTE = 60_000;

/** The recurrence that checks use where its details do not matter. */
export const EVERY_MINUTE = {
  everyMs: MINUTE,
  cadence: "after",
  missed: "skip",
  onFailure: "continue",
} as const;
