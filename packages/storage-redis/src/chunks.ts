/** How much one script is given at most, where the work can be parted: it holds up every other client meanwhile. */
const MOST_ARGUMENTS = 4000;
const MOST_CHARACTERS = 4_000_000;

export interface Chunk<T> {
  readonly items: T[];
  readonly args: string[];
}

/** Parts a list by the arguments that its items make. An item that is too much by itself stands alone. */
export function chunksOf<T>(items: readonly T[], argumentsOf: (item: T) => readonly string[]): Chunk<T>[] {
  const chunks: Chunk<T>[] = [];
  let chunk: Chunk<T> | null = null;
  let characters = 0;
  for (const item of items) {
    const args = argumentsOf(item);
    const length = args.reduce((sum, arg) => sum + arg.length, 0);
    characters += length;
    if (!chunk || chunk.args.length + args.length > MOST_ARGUMENTS || characters > MOST_CHARACTERS) {
      chunks.push((chunk = { items: [], args: [] }));
      characters = length;
    }
    chunk.items.push(item);
    for (const arg of args) chunk.args.push(arg);
  }
  return chunks;
}

/** How many entries one script removes at most. */
const STEP = 1000;

/** Removes up to `limit` entries by a script that answers how many it looked at and removed. Answers how many went. */
export async function removeInSteps(
  limit: number,
  remove: (most: string) => Promise<unknown>,
): Promise<number> {
  let total = 0;
  for (;;) {
    const most = Math.min(limit - total, STEP);
    const [looked = 0, removed = 0] = (await remove(String(most))) as number[];
    total += removed;
    if (looked < most || total >= limit) return total;
  }
}
