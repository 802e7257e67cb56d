import { TaskError, classifyError } from "@omniq/core";
import type { ThreadAnswer, ThreadCall } from "./thread-call.ts";

type ThreadFunction = (payload: unknown, context: ThreadCall["context"]) => unknown;

/** What a thread does for each call: loads the module, which Node keeps, and calls its function. */
export async function answer(call: ThreadCall): Promise<ThreadAnswer> {
  try {
    const run = await functionOf(call);
    return { result: await run(call.payload, call.context) };
  } catch (thrown) {
    const known = thrown instanceof TaskError ? {} : classifyError(thrown);
    const error = TaskError.fromException(thrown, known);
    return { error: error.toJSON(), details: jsonOf(error.details) };
  }
}

async function functionOf({ module, exportName }: ThreadCall): Promise<ThreadFunction> {
  const exports = (await import(module)) as Readonly<Record<string, unknown>>;
  const found = exports[exportName];
  if (typeof found === "function") return found as ThreadFunction;
  throw new TaskError({
    errorType: "validation",
    message: `${module} exports no function named ${exportName}`,
    isRetryable: false,
  });
}

/** Details that cannot be copied are left out rather than lose the error itself. */
function jsonOf(details: TaskError["details"]): TaskError["details"] {
  try {
    return JSON.parse(JSON.stringify(details)) as TaskError["details"];
  } catch {
    return {};
  }
}
