import type { StandardSchemaV1 } from "@standard-schema/spec";
import { ValidationError } from "../errors/validation-error.ts";
import type { BackoffFunction, RetryOptions } from "../model/retry-policy.ts";
import { DEFAULT_CAPABILITIES } from "../storage/capabilities.ts";
import { checkOptions, checkText } from "../storage/checks.ts";
import { checkTask } from "../storage/prepare-task.ts";
import { type EnqueueDefaults, ENQUEUE_DEFAULTS, newTask } from "./enqueue-options.ts";
import type { TaskContext } from "./task-context.ts";

/** What makes up a task besides its input. */
export interface TaskDefaults extends Omit<EnqueueDefaults, "retry"> {
  /** Names the task in the store; the same in every process. */
  readonly name: string;
  /** How long to wait before each retry: a policy, or a function that the worker calls. */
  readonly retry?: RetryOptions | BackoffFunction;
}

/** A task whose input is described by its handler's parameter. */
export interface TaskOptions<Payload, Result> extends TaskDefaults {
  readonly input?: undefined;
  /** Does the work. Whatever it returns is the task's result. */
  readonly run: (payload: Payload, context: TaskContext) => Result | Promise<Result>;
}

/** A task whose input is checked by a schema: zod, valibot, arktype, or any other Standard Schema. */
export interface TaskOptionsWithSchema<Schema extends StandardSchemaV1, Result> extends TaskDefaults {
  /** Checked when the task is enqueued, and again before it runs. */
  readonly input: Schema;
  /** Does the work, given the schema's output. */
  readonly run: (
    payload: StandardSchemaV1.InferOutput<Schema>,
    context: TaskContext,
  ) => Result | Promise<Result>;
}

/** A task by name, with the types of what goes in and what comes out. Made by {@link defineTask}. */
export interface TaskDefinition<Payload = never, Result = unknown> {
  readonly name: string;
  readonly input: StandardSchemaV1 | null;
  readonly run: (payload: Payload, context: TaskContext) => Result | Promise<Result>;
  /** What an enqueue does not say itself. */
  readonly defaults: EnqueueDefaults;
  /** A backoff of the task's own; null for a policy. */
  readonly backoff: BackoffFunction | null;
}

/** Any task, whatever its types. */
export type AnyTaskDefinition = TaskDefinition<never, unknown>;

const KNOWN = ["name", "input", "run", ...ENQUEUE_DEFAULTS];

/**
 * Defines a task whose payload a schema checks, when it is enqueued and before each run. Nothing happens until it is
 * registered with a queue and enqueued.
 *
 * @throws ValidationError `invalid_name`, `invalid_task`, `unknown_option`, or naming the default that is not usable
 */
export function defineTask<Schema extends StandardSchemaV1, Result>(
  options: TaskOptionsWithSchema<Schema, Result>,
): TaskDefinition<StandardSchemaV1.InferInput<Schema>, Result>;
/**
 * Defines a task whose payload is of the type that `run` takes, and is not checked. Nothing happens until it is registered
 * with a queue and enqueued.
 *
 * @throws ValidationError `invalid_name`, `invalid_task`, `unknown_option`, or naming the default that is not usable
 */
export function defineTask<Payload = undefined, Result = unknown>(
  options: TaskOptions<Payload, Result>,
): TaskDefinition<Payload, Result>;
export function defineTask(
  options: TaskDefaults & { readonly input?: unknown; readonly run: unknown },
): TaskDefinition<never, unknown> {
  checkOptions(options, KNOWN, "defineTask");
  const { name, input, run, retry, ...defaults } = options;
  checkText(name, "name", DEFAULT_CAPABILITIES.maxIdBytes);
  if (typeof run !== "function") {
    throw new ValidationError("invalid_task", `Task ${name} needs a function "run" that does its work.`, {
      field: "run",
    });
  }
  if (input !== undefined && !isSchema(input)) {
    throw new ValidationError(
      "invalid_task",
      `The input of task ${name} is no Standard Schema. Pass a schema of zod, valibot, arktype or another library ` +
        "that implements it, or leave it out.",
      { field: "input" },
    );
  }
  const own = typeof retry === "function" || retry === undefined ? defaults : { ...defaults, retry };
  checkTask(newTask(name, null, own, {}));
  return Object.freeze({
    name,
    input: input ?? null,
    run: run as (payload: never, context: TaskContext) => unknown,
    defaults: own,
    backoff: typeof retry === "function" ? retry : null,
  });
}

function isSchema(input: unknown): input is StandardSchemaV1 {
  if (input === null || (typeof input !== "object" && typeof input !== "function")) return false;
  const standard = (input as Partial<StandardSchemaV1>)["~standard"];
  return typeof standard?.validate === "function";
}
