/** What became of each item of a call. */
export interface Answered<Item, Answer> {
  readonly now: number;
  readonly answers: ReadonlyMap<Item, Answer>;
}

/**
 * Parts items into rounds, so that no two of a round have a key in common, and each comes after every earlier one that
 * it shares a key with: a statement does not see what it does itself.
 */
export function roundsOf<Item>(
  items: readonly Item[],
  keysOf: (item: Item) => readonly string[],
): readonly (readonly Item[])[] {
  const rounds: Item[][] = [[]];
  const next = new Map<string, number>();
  for (const item of items) {
    const keys = keysOf(item);
    const round = Math.max(0, ...keys.map((key) => next.get(key) ?? 0));
    for (const key of keys) next.set(key, round + 1);
    (rounds[round] ??= []).push(item);
  }
  return rounds;
}

/** Takes a step with each round, one after the other. */
export async function inRounds<Item, Answer>(
  rounds: readonly (readonly Item[])[],
  step: (round: readonly Item[]) => Promise<{ readonly now: number; readonly answers: readonly Answer[] }>,
): Promise<Answered<Item, Answer>> {
  const answers = new Map<Item, Answer>();
  let now = 0;
  for (const round of rounds) {
    const taken = await step(round);
    for (const [index, item] of round.entries()) answers.set(item, taken.answers[index] as Answer);
    now = taken.now;
  }
  return { now, answers };
}
