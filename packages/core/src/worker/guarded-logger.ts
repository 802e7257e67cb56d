import { messageOf } from "../errors/omniq-error.ts";
import { type LogFields, type Logger, hasChild } from "../ports/logger.ts";
import { emitWarning } from "../ports/warning.ts";

/** How much something matters. */
export type Level = "debug" | "info" | "warn" | "error";

/** A logger that never throws: a worker must not end for what it has to say. The first failure is warned of. */
export function guardedLogger(logger: Logger, tell: (error: unknown) => void = tellOnce()): Logger {
  const log = (level: Level, message: string, fields?: LogFields): void => {
    try {
      if (fields) logger[level](message, fields);
      else logger[level](message);
    } catch (error) {
      tell(error);
    }
  };
  return {
    debug: (message, fields) => log("debug", message, fields),
    info: (message, fields) => log("info", message, fields),
    warn: (message, fields) => log("warn", message, fields),
    error: (message, fields) => log("error", message, fields),
    ...(logger.within && { within: logger.within.bind(logger) }),
    ...(logger.correlationId && { correlationId: logger.correlationId.bind(logger) }),
    ...(hasChild(logger) && { child: (fields: LogFields) => guardedLogger(logger.child(fields), tell) }),
  };
}

function tellOnce(): (error: unknown) => void {
  let hasTold = false;
  return (error) => {
    if (hasTold) return;
    hasTold = true;
    const why = `The logger fails, and records are lost: ${messageOf(error)}`;
    emitWarning("OMNIQ_LOGGER_FAILED", why);
  };
}
