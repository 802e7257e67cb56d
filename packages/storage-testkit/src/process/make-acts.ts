import type { ActOrder } from "./act-main.ts";
import type { Start } from "./messages.ts";
import { Program } from "./program.ts";

export interface MakeActsOptions {
  /** Whether it ends itself as if by the kernel right after the last acknowledgement. Default false. */
  readonly dies?: boolean;
  /** A command that runs the program, with its arguments: a tracer. */
  readonly tracer?: readonly string[];
}

/** Starts a program that opens a place, makes acts and closes the store. Its lines: `begin`, `open`, then each act. */
export function makeActs(
  start: Start,
  acts: readonly string[],
  { dies = false, tracer = [] }: MakeActsOptions = {},
): Program {
  const order: ActOrder = { ...start, acts, dies };
  return new Program("act-main", order, tracer);
}
