import assert from "node:assert/strict";
import { type Logger, silentLogger } from "@omniq/core";
import { describe, it } from "vitest";
import { UnknownTasks } from "../src/worker/unknown-tasks.ts";

describe("a task that the worker does not know", () => {
  it("is given back, each time for longer, by its name", () => {
    const unknown = new UnknownTasks(silentLogger);
    const delays = (name: string): unknown => unknown.release(name).due;
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6, 7, 8].map(() => delays("greet")),
      [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000].map((inMs) => ({ inMs })),
    );
    assert.deepEqual(delays("report"), { inMs: 1000 });
  });

  it("burns nothing, and says why", () => {
    const { kind, reason } = new UnknownTasks(silentLogger).release("greet");
    assert.deepEqual([kind, reason], ["release", "unknown_task"]);
  });

  it("is warned of once", () => {
    const warnings: unknown[] = [];
    const logger: Logger = { ...silentLogger, warn: (_message, fields) => warnings.push(fields) };
    const unknown = new UnknownTasks(logger);
    for (const name of ["greet", "greet", "report", "greet"]) unknown.release(name);
    assert.deepEqual(warnings, [{ operation: "greet" }, { operation: "report" }]);
  });
});
