import { activeLog } from "./active-log.ts";
import { ContextLogger, type OmniQLogger } from "./logger.ts";

/**
 * A logger of that name. The first one configures logging from the environment, unless {@link configure} did.
 *
 * @throws ValidationError where a variable is not usable
 */
export function getLogger(name = "omniq"): OmniQLogger {
  activeLog();
  return new ContextLogger(name);
}
