import { AssertionError } from "node:assert/strict";
import * as fc from "fast-check";
import type { RuleContext } from "../rule-context.ts";
import { COMMANDS } from "./commands.ts";
import { type Aspect, History } from "./history.ts";

const RUNS = 60;
const MAX_COMMANDS = 120;
/** How many smaller histories are tried once one has failed: a slow store must still get to its message in time. */
const MAX_SHRINKS = 400;

/**
 * Makes random histories of calls on fresh places, and compares what the store answers with the reference model. A
 * failure names the shortest history found, and what runs it again.
 */
export async function runHistories(context: RuleContext, aspect: Aspect): Promise<void> {
  const { seed, replay } = context;
  const commands = fc.commands([...COMMANDS], {
    maxCommands: MAX_COMMANDS,
    size: "max",
    ...(replay && { replayPath: replay.commands }),
  });
  let failed = false;
  let shrinks = 0;
  const property = fc.asyncProperty(commands, async (calls) => {
    if (failed && shrinks++ >= MAX_SHRINKS) return;
    const place = await context.beside();
    try {
      await fc.asyncModelRun(() => {
        const history = new History(place, aspect);
        return { model: history, real: history };
      }, calls);
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      await context.leave(place);
    }
  });
  const found = await fc.check(property, {
    seed,
    numRuns: RUNS,
    ...(replay && { path: replay.path, endOnFailure: true }),
  });
  if (!found.failed) return;
  const [text, replayPath] = fc.stringify(found.counterexample?.[0]).split(/ \/\*replayPath="(.*)"\*\//);
  const error = found.errorInstance;
  const observed = error instanceof Error ? error.message : String(error);
  throw new AssertionError({
    message:
      `${observed}, after the history: ${text}. ` +
      `To run it again: seed ${seed}, replay { path: "${found.counterexamplePath}", commands: "${replayPath}" }`,
  });
}
