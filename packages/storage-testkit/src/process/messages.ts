import type { ConnectOptions } from "../harness.ts";

/** What a process is told first: which adapter, which place, and what time it is there. */
export interface Start {
  /** The module that exports the harness. */
  readonly module: string;
  readonly config: unknown;
  readonly options: Omit<ConnectOptions, "clock">;
  readonly now: number;
}

/** One job, by the name that it has in `jobs.ts`. */
export interface Order {
  readonly number: number;
  readonly job: string;
  readonly args: unknown;
  readonly now: number;
}

export type Reply =
  | { readonly number: number; readonly answer: unknown }
  | { readonly number: number; readonly failure: string };
