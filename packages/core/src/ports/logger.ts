/** Structured facts that go with a log message. Keys are snake_case; payloads and results never appear. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * The four calls that OmniQ makes to log. `console` and a pino logger fit as they are; where the logger has a
 * `child` method, as pino's has, task facts are bound through it.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Optional: runs `work` so that whatever it logs, through any logger of its kind, carries `fields`. */
  within?<T>(fields: LogFields, work: () => T): T;
  /** Optional: what a task that is enqueued here and now belongs to; nothing where it begins something of its own. */
  correlationId?(): string | undefined;
}

/** What every logger has. */
export const LOGGER_METHODS: readonly (keyof Logger)[] = ["debug", "info", "warn", "error"];

interface LoggerWithChildren extends Logger {
  child(fields: LogFields): Logger;
}

const ignore = (): void => {};

/** Says nothing. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** The default: warnings and errors reach the console, the rest is dropped. */
export const consoleLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: (message, fields) => (fields ? console.warn(message, fields) : console.warn(message)),
  error: (message, fields) => (fields ? console.error(message, fields) : console.error(message)),
};

/** A logger whose every record carries `fields` besides its own. */
export function bindLogger(logger: Logger, fields: LogFields): Logger {
  if (hasChild(logger)) return logger.child(fields);
  const merge = (own?: LogFields): LogFields => (own ? { ...fields, ...own } : fields);
  const within = logger.within?.bind(logger);
  const correlationId = logger.correlationId?.bind(logger);
  return {
    debug: (message, own) => logger.debug(message, merge(own)),
    info: (message, own) => logger.info(message, merge(own)),
    warn: (message, own) => logger.warn(message, merge(own)),
    error: (message, own) => logger.error(message, merge(own)),
    ...(within && { within: (own, work) => within(merge(own), work) }),
    ...(correlationId && { correlationId }),
  };
}

/** Whether a logger makes loggers of its own kind. */
export function hasChild(logger: Logger): logger is LoggerWithChildren {
  return typeof (logger as Partial<LoggerWithChildren>).child === "function";
}
