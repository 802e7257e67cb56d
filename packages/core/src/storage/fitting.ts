import type { TaskWrite } from "../model/task-write.ts";

/**
 * How many characters of payloads, results and errors go to a store in one call, where they can be parted: a store makes one
 * text of them all, and this process does nothing else meanwhile.
 */
const MOST_CHARACTERS = 8_000_000;

/** How many items go in one call, from the first: at least one, and `most` at most. */
export function fitting<T>(
  items: readonly T[],
  lengthOfItem: (item: T) => number,
  most: number = items.length,
): number {
  const end = Math.min(most, items.length);
  let characters = 0;
  for (let at = 0; at < end; at++) {
    characters += lengthOfItem(items[at] as T);
    if (characters > MOST_CHARACTERS && at > 0) return at;
  }
  return end;
}

/** The characters of a write, as far as there may be many. */
export function writeLength({ state, result, definition, enqueue }: TaskWrite): number {
  let length =
    lengthOf(state?.error) +
    lengthOf(result?.value) +
    lengthOf(result?.error) +
    lengthOf(definition?.payload);
  for (const { payload } of enqueue) length += payload.length;
  return length;
}

function lengthOf(text: string | null | undefined): number {
  return text?.length ?? 0;
}
