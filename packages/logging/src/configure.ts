import { activeLog, replaceLog } from "./active-log.ts";
import type { LogOptions } from "./settings.ts";

/**
 * Says what is logged, how and where, for the whole process; loggers that were made before follow. An option that is left
 * out comes from its variable, then from its default, so `configure()` reads the environment again.
 *
 * @throws ValidationError naming the option or the variable; logging then stays as it was
 */
export function configure(options: LogOptions = {}): void {
  replaceLog(options);
}

/** Resolves when everything that was logged so far is written, or was given up. Never rejects. */
export function flush(): Promise<void> {
  return activeLog().flush();
}
