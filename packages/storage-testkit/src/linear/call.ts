/** What a client asked of one task. Tokens are the store's own. */
export type Asked =
  | { readonly kind: "claim" | "read" | "cancel" | "retryTask" }
  | { readonly kind: "complete" | "release" | "renew"; readonly token: string };

/** What it was answered, in the fewest words; null while nobody knows. */
export type Answered = string | null;

/** One call, with when it began and when it was answered, on one clock for all clients. */
export interface Call {
  readonly client: string;
  readonly task: string;
  readonly asked: Asked;
  readonly answered: Answered;
  readonly begin: number;
  /** Infinite where no answer came: the call may have taken effect at any time since, or never. */
  readonly end: number;
}

/** A client's line about a call of its own: its begin, then its end. */
export type CallLine =
  | {
      readonly number: number;
      readonly client: string;
      readonly task: string;
      readonly asked: Asked;
      readonly at: number;
    }
  | { readonly number: number; readonly client: string; readonly answered: string; readonly at: number };

/** The calls that lines tell of. What has begun and not ended has an open end. */
export function callsOf(lines: readonly CallLine[]): readonly Call[] {
  const calls = new Map<string, Call>();
  for (const line of lines) {
    const key = `${line.client} ${line.number}`;
    if ("asked" in line) {
      const { client, task, asked, at } = line;
      calls.set(key, { client, task, asked, answered: null, begin: at, end: Infinity });
    } else {
      const begun = calls.get(key);
      if (begun) calls.set(key, { ...begun, answered: line.answered, end: line.at });
    }
  }
  return [...calls.values()];
}
