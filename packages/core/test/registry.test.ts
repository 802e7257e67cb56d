import assert from "node:assert/strict";
import { type AnyTaskDefinition, defineTask } from "@omniq/core";
import { describe, it } from "vitest";
import { Registry } from "../src/queue/registry.ts";

const greet = defineTask({ name: "greet", run: () => "hello" });
const report = defineTask({ name: "report", run: () => 1 });

function registryOf(...tasks: readonly AnyTaskDefinition[]): Registry {
  const registry = new Registry();
  for (const task of tasks) registry.add(task);
  return registry;
}

describe("a registered task", () => {
  it("is found by its name and by itself", () => {
    const registry = registryOf(greet, report);
    assert.equal(registry.get("greet"), greet);
    assert.equal(registry.resolve("greet"), greet);
    assert.equal(registry.resolve(report), report);
  });

  it("may be registered again", () => {
    assert.equal(registryOf(greet, greet).get("greet"), greet);
  });

  it("keeps its name from another", () => {
    const twin = defineTask({ name: "greet", run: () => "hi" });
    assert.throws(() => registryOf(greet, twin), { code: "duplicate_definition", field: "tasks" });
  });

  it.each([
    [null],
    [undefined],
    [{}],
    [{ name: "x" }],
    [{ run: () => {} }],
    [{ name: 5, run: () => {} }],
    [() => {}],
  ])("is no %o", (task) => {
    assert.throws(() => registryOf(task as AnyTaskDefinition), {
      code: "invalid_task",
      field: "tasks",
    });
  });
});

describe("a task that is not registered", () => {
  const twin = defineTask({ name: "greet", run: () => "hi" });

  it("is not found", () => {
    assert.equal(registryOf(greet).get("report"), null);
    assert.equal(registryOf(greet).get("toString"), null);
  });

  it.each<[what: string, task: unknown, shown: string]>([
    ["a name", "report", "Task report"],
    ["a name of every object", "toString", "Task toString"],
    ["a definition", report, "Task report"],
    ["a function", (): void => {}, "A bare function"],
    ["nothing", null, "Task undefined"],
    ["an object without a name", {}, "Task undefined"],
  ])("is refused by %s, saying what is registered", (_what, task, shown) => {
    assert.throws(() => registryOf(greet).resolve(task as AnyTaskDefinition), {
      code: "unregistered_task",
      field: "task",
      message:
        `${shown} is not registered with this queue (registered: greet). ` +
        "Define it with defineTask and pass it in `tasks`, or to `register`.",
    });
  });

  it("is told from the one that is registered under its name", () => {
    assert.throws(() => registryOf(greet).resolve(twin), {
      code: "unregistered_task",
      field: "task",
      message:
        "The task greet that is registered with this queue is another one than this. Pass the one that was registered, or " +
        "its name. A module that is loaded twice defines its tasks twice.",
    });
  });

  it("is refused where nothing is registered", () => {
    assert.throws(() => registryOf().resolve("greet"), { message: /\(registered: none\)/ });
  });
});
