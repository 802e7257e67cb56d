import type { AnyTaskDefinition, TaskDefinition } from "./define-task.ts";
import type { EnqueueOptions } from "./enqueue-options.ts";
import type { TaskId } from "./task-operations.ts";

/** A task by its definition, or by its name, where nothing is known of its payload and result. */
export type TaskOrName = AnyTaskDefinition | string;

/** One of several tasks that are enqueued together, with the payload that its definition asks for. */
export type EnqueueItem<Task extends TaskOrName = TaskOrName> = {
  readonly task: Task;
  readonly options?: EnqueueOptions;
} & PayloadPart<PayloadOf<Task>>;

/** An item for each of these tasks. */
export type EnqueueItems<Tasks extends readonly TaskOrName[]> = {
  readonly [Index in keyof Tasks]: EnqueueItem<Tasks[Index]>;
};

/** The ids of what was enqueued of these tasks, each knowing the type of its result. */
export type TaskIds<Tasks extends readonly TaskOrName[]> = {
  readonly [Index in keyof Tasks]: TaskId<ResultOf<Tasks[Index]>>;
};

type PayloadOf<Task> = Task extends TaskDefinition<infer Payload, unknown> ? Payload : unknown;
type ResultOf<Task> = Task extends TaskDefinition<never, infer Result> ? Result : unknown;
/** Of any definition the payload is never: it says nothing. */
type PayloadPart<Payload> = [Payload] extends [never]
  ? { readonly payload?: unknown }
  : undefined extends Payload
    ? { readonly payload?: Payload }
    : { readonly payload: Payload };
