import { ValidationError } from "../errors/validation-error.ts";
import type { AnyTaskDefinition } from "./define-task.ts";

/** The tasks that a queue knows, by name. Names resolve through it alone: no path from a record is ever imported. */
export class Registry {
  readonly #tasks = new Map<string, AnyTaskDefinition>();

  /** @throws ValidationError `invalid_task`, `duplicate_definition` */
  add(task: AnyTaskDefinition): void {
    if (
      typeof (task as Partial<AnyTaskDefinition> | null)?.run !== "function" ||
      typeof task.name !== "string"
    ) {
      throw new ValidationError("invalid_task", "Only what defineTask returns can be registered.", {
        field: "tasks",
      });
    }
    const known = this.#tasks.get(task.name);
    if (known && known !== task) {
      throw new ValidationError(
        "duplicate_definition",
        `Another task named ${task.name} is registered already. Give each task a name of its own.`,
        { field: "tasks" },
      );
    }
    this.#tasks.set(task.name, task);
  }

  get(name: string): AnyTaskDefinition | null {
    return this.#tasks.get(name) ?? null;
  }

  /** The registered task that is meant. @throws ValidationError `unregistered_task` */
  resolve(task: AnyTaskDefinition | string): AnyTaskDefinition {
    const name = typeof task === "string" ? task : (task as Partial<AnyTaskDefinition> | null)?.name;
    const known = typeof name === "string" ? this.#tasks.get(name) : undefined;
    if (known && (typeof task === "string" || known === task)) return known;
    if (known) {
      throw new ValidationError(
        "unregistered_task",
        `The task ${name} that is registered with this queue is another one than this. Pass the one that was registered, ` +
          "or its name. A module that is loaded twice defines its tasks twice.",
        { field: "task" },
      );
    }
    const shown = typeof task === "function" ? "A bare function" : `Task ${String(name)}`;
    const names = [...this.#tasks.keys()].join(", ") || "none";
    throw new ValidationError(
      "unregistered_task",
      `${shown} is not registered with this queue (registered: ${names}). ` +
        "Define it with defineTask and pass it in `tasks`, or to `register`.",
      { field: "task" },
    );
  }
}
