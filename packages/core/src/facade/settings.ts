import { OmniQError } from "../errors/omniq-error.ts";
import { ValidationError } from "../errors/validation-error.ts";
import { durationMs } from "../model/duration.ts";
import type { EventLevel } from "../model/task-event.ts";
import { checkOneOf } from "../storage/checks.ts";
import type { QueueOption, WorkerOptions } from "../worker/worker-options.ts";

/** What the environment says. Explicit arguments win over it, key by key, and it wins over the defaults. */
export interface Settings {
  /** `OMNIQ_URL` */
  readonly url?: string;
  /** `OMNIQ_BACKEND` */
  readonly backend?: string;
  /** `OMNIQ_EVENTS` */
  readonly events?: EventLevel;
  /**
   * `OMNIQ_CONCURRENCY`, `OMNIQ_PREFETCH`, `OMNIQ_QUEUES` (as `mail,bulk:2`, a weight behind the colon),
   * `OMNIQ_POLL_INTERVAL`, `OMNIQ_LEASE`, `OMNIQ_SHUTDOWN_TIMEOUT`, `OMNIQ_WORKER_ID`
   */
  readonly worker: WorkerOptions;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads and checks the `OMNIQ_*` variables. One that is empty counts as not set. @throws ValidationError `invalid_setting` */
export function readSettings(env: Environment = process.env): Settings {
  const read = <T>(variable: string, key: string, parse: (text: string) => T): Record<string, T> => {
    const text = env[variable]?.trim();
    if (!text) return {};
    try {
      return { [key]: parse(text) };
    } catch (cause) {
      const why = cause instanceof OmniQError ? ` ${reasonOf(cause.message)}` : "";
      throw new ValidationError("invalid_setting", `${variable}="${text}" is not usable.${why}`, {
        field: variable,
        cause,
      });
    }
  };
  return {
    ...read("OMNIQ_URL", "url", String),
    ...read("OMNIQ_BACKEND", "backend", String),
    ...read("OMNIQ_EVENTS", "events", eventLevel),
    worker: {
      ...read("OMNIQ_CONCURRENCY", "concurrency", wholeNumber(1)),
      ...read("OMNIQ_PREFETCH", "prefetch", wholeNumber(0)),
      ...read("OMNIQ_QUEUES", "queues", queues),
      ...read("OMNIQ_POLL_INTERVAL", "pollInterval", duration),
      ...read("OMNIQ_LEASE", "lease", duration),
      ...read("OMNIQ_SHUTDOWN_TIMEOUT", "shutdownTimeout", duration),
      ...read("OMNIQ_WORKER_ID", "workerId", String),
    },
  };
}

/** What a check says behind the name and the value, which the variable stands for here. */
function reasonOf(message: string): string {
  const reason = message.split(" is not usable: ").at(-1) ?? message;
  return reason.charAt(0).toUpperCase() + reason.slice(1);
}

function eventLevel(text: string): EventLevel {
  const level = text.toLowerCase();
  checkOneOf(level, "events", ["all", "errors", "off"]);
  return level;
}

function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > 10_000) {
      throw new ValidationError("invalid_setting", `It must be a whole number from ${min} to 10,000.`);
    }
    return value;
  };
}

/** A bare number is seconds, as everywhere. */
function duration(text: string): number | string {
  const input = /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  durationMs(input, "duration");
  return input;
}

function queues(text: string): QueueOption[] {
  return text.split(",").map((part) => {
    const [, name, weight] = /^\s*([^:]+?)\s*(?::\s*(\d+)\s*)?$/.exec(part) ?? [];
    if (!name) {
      throw new ValidationError(
        "invalid_setting",
        "It must be names, each with a weight or without: mail,bulk:2.",
      );
    }
    return weight === undefined ? name : { name, weight: Number(weight) };
  });
}
