/**
 * When something falls due: at an instant (milliseconds since the epoch), or so many milliseconds from now.
 * `inMs` is added to the store's own clock inside the store, so the caller's clock never matters.
 */
export type Due = { readonly at: number } | { readonly inMs: number };

/** Due at once, by the store's clock. */
export const DUE_NOW: Due = { inMs: 0 };

/** The instant that a due time means, given the store's now. */
export function dueAt(due: Due, now: number): number {
  return "at" in due ? due.at : now + due.inMs;
}
