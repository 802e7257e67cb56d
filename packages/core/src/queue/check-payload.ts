import type { StandardSchemaV1 } from "@standard-schema/spec";
import { ValidationError, type ValidationIssue } from "../errors/validation-error.ts";
import { isThenable } from "../model/thenable.ts";
import type { AnyTaskDefinition } from "./define-task.ts";

/**
 * The payload as the task's schema gives it out; as it is, for a task without a schema. A promise only where the schema
 * answers one.
 *
 * @throws ValidationError `invalid_payload` with an issue, and its path, for each problem
 */
export function checkPayload(task: AnyTaskDefinition, payload: unknown): unknown {
  if (task.input === null) return payload;
  const checked = task.input["~standard"].validate(payload);
  return isThenable<StandardSchemaV1.Result<unknown>>(checked)
    ? checked.then((later) => valueOf(task, later))
    : valueOf(task, checked);
}

/** As {@link checkPayload}, of what a store has kept: JSON knows no undefined, which comes back as null. */
export function checkStoredPayload(task: AnyTaskDefinition, stored: unknown): unknown {
  return stored === null && task.input !== null ? checkNull(task) : checkPayload(task, stored);
}

/** What refuses null has let it pass as undefined. */
async function checkNull(task: AnyTaskDefinition): Promise<unknown> {
  try {
    return await checkPayload(task, null);
  } catch (refusal) {
    try {
      return await checkPayload(task, undefined);
    } catch {
      throw refusal;
    }
  }
}

function valueOf(task: AnyTaskDefinition, { issues, ...passed }: StandardSchemaV1.Result<unknown>): unknown {
  if (!issues) return (passed as StandardSchemaV1.SuccessResult<unknown>).value;
  const found = issues.map((issue): ValidationIssue => ({ path: pathOf(issue), message: issue.message }));
  const first = found[0];
  const others = found.length > 1 ? ` (and ${found.length - 1} more)` : "";
  throw new ValidationError(
    "invalid_payload",
    `The payload of task ${task.name} does not fit its schema: ${first?.path ?? "payload"}: ${first?.message ?? ""}${others}`,
    { field: first?.path ?? "payload", issues: found },
  );
}

function pathOf({ path = [] }: StandardSchemaV1.Issue): string {
  // Not `path.map`: some libraries answer a subclass of Array, whose map makes more of an empty path.
  const segments = Array.from(path, (segment) => {
    const key = typeof segment === "object" ? segment.key : segment;
    return typeof key === "number" ? `[${key}]` : `.${String(key)}`;
  });
  return `payload${segments.join("")}`;
}
