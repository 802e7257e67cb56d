import { Log } from "./log.ts";
import { type LogOptions, logSettings } from "./settings.ts";

/** The log of this process; null until something is logged, or `configure` is called. */
let active: Log | null = null;
let hearsExit = false;

/** The log of this process, configured from the environment where nobody did. @throws ValidationError */
export function activeLog(): Log {
  return active ?? replaceLog({});
}

/** What was logged before goes where it would have gone. @throws ValidationError, and then nothing changes */
export function replaceLog(options: LogOptions): Log {
  const next = new Log(logSettings(options, process.env));
  active?.close();
  active = next;
  // An uncaught error, too, ends in this event.
  if (!hearsExit) process.on("exit", () => active?.flushSync());
  hearsExit = true;
  return next;
}
