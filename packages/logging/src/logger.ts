import type { LogFields, Logger } from "@omniq/core";
import { activeLog } from "./active-log.ts";
import { lineOfCaller } from "./call-site.ts";
import { correlationInForce, correlationOf, factsInForce, within } from "./context.ts";
import { Facts, flatten } from "./flat-fields.ts";
import type { LogLevel } from "./log-level.ts";
import type { Entry } from "./log-record.ts";
import { readMessage } from "./message.ts";

/**
 * Writes records under one name. It is a `Logger` of `@omniq/core`, so hand it to `OmniQ.open` or a worker.
 *
 * Each method takes a message, values for its placeholders (`%s`, `%d`, `%i`, `%f`, `%j`), and at the end an object of
 * facts, or an Error. Of facts that are objects only the kind is written, never what is in them.
 */
export interface OmniQLogger extends Logger {
  debug(message: string, ...args: readonly unknown[]): void;
  info(message: string, ...args: readonly unknown[]): void;
  warn(message: string, ...args: readonly unknown[]): void;
  error(message: string, ...args: readonly unknown[]): void;
  critical(message: string, ...args: readonly unknown[]): void;
  /** A logger whose every record carries `fields` besides its own. Keys are written as they are given. */
  bind(fields: LogFields): OmniQLogger;
  /** {@link bind}, by the name that the port of `@omniq/core` has for it. */
  child(fields: LogFields): OmniQLogger;
}

/** What a call says. Nothing that it is given may fail the task that logs it. */
function said(message: unknown, args: readonly unknown[]): Pick<Entry, "message" | "own"> {
  try {
    const { text, fields } = readMessage(message, args);
    return { message: text, own: fields && flatten(fields) };
  } catch (error) {
    const why = error instanceof Error ? error.message : typeof error;
    return { message: typeof message === "string" ? message : "A log record", own: { unreadable: why } };
  }
}

/** The one implementation of {@link OmniQLogger}. */
export class ContextLogger implements OmniQLogger {
  readonly #name: string;
  readonly #bound: readonly Facts[];

  constructor(name: string, bound: readonly Facts[] = []) {
    this.#name = name;
    this.#bound = bound;
  }

  debug(message: string, ...args: readonly unknown[]): void {
    this.#write("DEBUG", message, args);
  }

  info(message: string, ...args: readonly unknown[]): void {
    this.#write("INFO", message, args);
  }

  warn(message: string, ...args: readonly unknown[]): void {
    this.#write("WARNING", message, args);
  }

  error(message: string, ...args: readonly unknown[]): void {
    this.#write("ERROR", message, args);
  }

  critical(message: string, ...args: readonly unknown[]): void {
    this.#write("CRITICAL", message, args);
  }

  bind(fields: LogFields): OmniQLogger {
    return new ContextLogger(this.#name, [...this.#bound, new Facts(fields)]);
  }

  child(fields: LogFields): OmniQLogger {
    return this.bind(fields);
  }

  /** Part of the port: what `work` causes is logged with `fields`, through whatever logger. */
  within<T>(fields: LogFields, work: () => T): T {
    return within(new Facts(fields), work);
  }

  /** Part of the port: what a task that is enqueued here and now belongs to. */
  correlationId(): string | undefined {
    return correlationOf(this.#bound) ?? correlationInForce();
  }

  #write(level: LogLevel, message: string, args: readonly unknown[]): void {
    const log = activeLog();
    if (!log.takes(level)) return;
    const line = log.wantsLines ? lineOfCaller() : null;
    log.write({
      timestamp: log.now(),
      level,
      logger: this.#name,
      line,
      facts: this.#factsHere(),
      ...said(message, args),
    });
  }

  #factsHere(): readonly Facts[] {
    const inForce = factsInForce();
    return inForce.length === 0 ? this.#bound : [...inForce, ...this.#bound];
  }
}
