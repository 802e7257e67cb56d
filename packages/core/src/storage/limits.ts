/** The longest page of a list. */
export const MAX_PAGE = 1000;
/** The most that one call claims or removes. */
export const MAX_BATCH = 100_000;
/** How often a write is tried anew after the row changed under it. */
export const MAX_TRIES = 100;
/** The longest token; every store keeps well below. */
export const MAX_TOKEN_BYTES = 255;
/** Priorities are 16-bit integers. */
export const MIN_PRIORITY = -32_768;
export const MAX_PRIORITY = 32_767;
