import type { Argument } from "@omniq/connection-redis";

/** How much one script is given at most, where the work can be parted: it holds up every other client meanwhile. */
const MOST_ARGUMENTS = 4000;
const MOST_CHARACTERS = 4_000_000;

/**
 * Parts a list by the arguments that its items make, each part led by how many items it has. An item that is too much by
 * itself stands alone. Of an empty list there is one empty part.
 */
export function partsOf<T>(items: readonly T[], argumentsOf: (item: T) => readonly string[]): Argument[][] {
  const parts: Argument[][] = [];
  let part: Argument[] = [0];
  let [count, characters] = [0, 0];
  for (const item of items) {
    const args = argumentsOf(item);
    const length = args.reduce((sum, arg) => sum + arg.length, 0);
    const isFull = part.length + args.length > MOST_ARGUMENTS || characters + length > MOST_CHARACTERS;
    if (count > 0 && isFull) {
      parts.push(part);
      [part, count, characters] = [[0], 0, 0];
    }
    characters += length;
    part[0] = ++count;
    for (const arg of args) part.push(arg);
  }
  return [...parts, part];
}
