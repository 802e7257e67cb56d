import type { SerializedTaskError, TaskContext, TaskErrorDetails } from "@omniq/core";

/** What a function in a thread is told besides its payload. A thread that has to stop is ended, so there is no signal. */
export type ThreadContext = Pick<
  TaskContext,
  "taskId" | "name" | "queue" | "run" | "attempt" | "failures" | "workerId" | "headers"
>;

/** What goes to a thread. */
export interface ThreadCall {
  /** The module's URL, and the name of the function that it exports. */
  readonly module: string;
  readonly exportName: string;
  readonly payload: unknown;
  readonly context: ThreadContext;
}

/** What comes back. Errors are written out: a copy between threads keeps neither their class nor their fields. */
export type ThreadAnswer =
  | { readonly result: unknown }
  | { readonly error: SerializedTaskError; readonly details: TaskErrorDetails };
