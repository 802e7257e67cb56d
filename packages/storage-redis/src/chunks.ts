/** How much one script is given at most, where the work can be parted: it holds up every other client meanwhile. */
const MOST_ARGUMENTS = 4000;
const MOST_CHARACTERS = 4_000_000;

/**
 * Parts a list by the arguments that its items make, each part led by how many items it has. An item that is too much by
 * itself stands alone. Of an empty list there is one empty part.
 */
export function chunksOf<T>(items: readonly T[], argumentsOf: (item: T) => readonly string[]): string[][] {
  const chunks: string[][] = [];
  let chunk = ["0"];
  let count = 0;
  let characters = 0;
  for (const item of items) {
    const args = argumentsOf(item);
    const length = args.reduce((sum, arg) => sum + arg.length, 0);
    const isFull = chunk.length + args.length > MOST_ARGUMENTS || characters + length > MOST_CHARACTERS;
    if (count > 0 && isFull) {
      chunks.push(chunk);
      [chunk, count, characters] = [["0"], 0, 0];
    }
    characters += length;
    chunk[0] = String(++count);
    for (const arg of args) chunk.push(arg);
  }
  return [...chunks, chunk];
}
