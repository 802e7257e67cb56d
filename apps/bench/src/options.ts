import { parseArgs } from "node:util";
import { STORES, type Store } from "./system.ts";

export const WORKLOADS = ["W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8", "W9", "errors"] as const;

export type WorkloadId = (typeof WORKLOADS)[number];

export interface Options {
  readonly stores: readonly Store[];
  readonly workloads: readonly WorkloadId[];
  readonly rounds: number;
  /** Whether to use the sizes that the page's targets are stated for. */
  readonly isFull: boolean;
  /** Whether only to write the page anew, from the results that are there. */
  readonly pageOnly: boolean;
}

/** Told to whoever asked for something that there is not. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const HELP = `pnpm bench [options]

Measures OmniQ, its peers and bare code on each driver, in turns, and writes apps/bench/results and docs/benchmarks.md.

  --store NAMES      ${STORES.join(", ")}; several with commas. Default: all
  --workload NAMES   ${WORKLOADS.join(", ")}; several with commas. Default: all
  --rounds N         how many times each measurement is made, in turns. Default: 3; 1 for a short round of everything
  --full             the sizes that the targets are stated for; a short round has smaller ones
  --page             measure nothing: write the page anew from the results
  --help             this text
`;

/** Null where help is asked for. @throws UsageError */
export function readOptions(args: readonly string[]): Options | null {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        store: { type: "string" },
        workload: { type: "string" },
        rounds: { type: "string" },
        full: { type: "boolean" },
        page: { type: "boolean" },
        help: { type: "boolean" },
      },
    }));
  } catch (error) {
    throw new UsageError(complaint(error));
  }
  if (values.help) return null;
  const isAll = !values.store && !values.workload && !values.full;
  const rounds = Number(values.rounds ?? (isAll ? 1 : 3));
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100) {
    throw new UsageError(`--rounds ${values.rounds} is not a whole number from 1 to 100.`);
  }
  return {
    stores: chosen("store", values.store, STORES),
    workloads: chosen("workload", values.workload, WORKLOADS),
    rounds,
    isFull: values.full ?? false,
    pageOnly: values.page ?? false,
  };
}

function chosen<T extends string>(
  option: string,
  given: string | undefined,
  known: readonly T[],
): readonly T[] {
  if (given === undefined) return known;
  return given.split(",").map((name) => {
    const found = known.find((one) => one === name);
    if (found === undefined)
      throw new UsageError(`--${option} ${name} is unknown. There are ${known.join(", ")}.`);
    return found;
  });
}

/** What parseArgs complains of, without its advice for what nobody wants here. */
function complaint(error: unknown): string {
  return `${(error as Error).message.split(/\.? To specify|\.? This command|\n/)[0]}. See pnpm bench --help.`;
}
