// Turbo, with its telemetry and its notices off. Its configuration file has no key for the telemetry, only
// the environment has, and no user should have to set that.

import { runTool, type Run } from "./run.ts";

const quiet = {
  TURBO_TELEMETRY_DISABLED: "1",
  TURBO_TELEMETRY_MESSAGE_DISABLED: "1",
  DO_NOT_TRACK: "1",
};

export function turbo(args: readonly string[], capture = false): Promise<Run> {
  return runTool(["turbo", ...args], { capture, env: quiet });
}

if (import.meta.main) {
  const { exitCode } = await turbo(process.argv.slice(2));
  process.exitCode = exitCode;
}
