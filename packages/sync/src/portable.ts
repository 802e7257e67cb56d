import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type DurationInput, ValidationError, durationMs } from "@omniq/core";

/** A module, by its URL or by a path from the working folder. */
export type ModuleName = string | URL;

/** What twins take besides the options of what they stand for. */
export interface TwinOptions {
  /**
   * How long a call may take before it is given up, with a StorageError of code `timeout`; a call that is told to wait may take
   * so much longer. Default `"60s"`.
   */
  readonly callTimeout?: DurationInput;
}

type Options = Readonly<Record<string, unknown>>;

export function limitOf({ callTimeout = "60s" }: TwinOptions): number {
  const ms = durationMs(callTimeout, "callTimeout");
  if (ms > 0) return ms;
  throw new ValidationError("invalid_call_timeout", "callTimeout must be longer than nothing.", {
    field: "callTimeout",
  });
}

/**
 * Options as a thread can take them: modules by their URLs, and clocks, loggers and serializers, whatever their class, as plain
 * objects whose methods stay here.
 */
export function portable(options: object): Options {
  const { callTimeout: _ours, module, tasks, ...others } = options as Options;
  const ports = Object.entries(others).map(([key, value]) => [key, portOf(key, value)] as const);
  return {
    ...Object.fromEntries(ports),
    ...(module !== undefined && { module: hrefOf(module as ModuleName, "module") }),
    ...(tasks !== undefined && { tasks: [tasks].flat().map((task) => hrefOf(task as ModuleName, "tasks")) }),
  };
}

function hrefOf(module: ModuleName, field: string): string {
  if (module instanceof URL) return module.href;
  if (typeof module === "string" && /^(?:file|data|node):/.test(module)) return module;
  if (typeof module === "string" && module !== "") return pathToFileURL(resolve(module)).href;
  throw new ValidationError(
    `invalid_${field}`,
    `${field} must name a module by its URL or its path: functions stay in the thread that they were made in.`,
    { field },
  );
}

/** What comes in through ports, and what of it the other side asks for. */
const PORTS: Readonly<Record<string, readonly string[]>> = {
  clock: ["now", "setTimer"],
  // Not those that take work to run, or give another logger: work and loggers stay on their side.
  logger: ["debug", "info", "warn", "error", "correlationId"],
  serializer: ["format", "encode", "decode"],
};

/** The members of a port, its methods bound to it; anything else as it is, to be taken or refused there. */
function portOf(key: string, value: unknown): unknown {
  const members = PORTS[key];
  if (!members || typeof value !== "object" || value === null) return value;
  const object = value as Options;
  const found = members.filter((member) => object[member] !== undefined);
  return Object.fromEntries(
    found.map((name) => {
      const member = object[name];
      return [name, typeof member === "function" ? (member as () => unknown).bind(value) : member];
    }),
  );
}
