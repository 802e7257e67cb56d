import { existsSync } from "node:fs";
import { join } from "node:path";
import { application, runProgram } from "@omniq/test-support/programs";
import { describe, expect, it } from "vitest";

describe("in DEV", () => {
  it("S4.16 nothing has to be configured, and importing alone does nothing", async () => {
    const folder = application();
    const silent = await runProgram('import "@omniq/logging";', { OMNIQ_LOG_LEVEL: "LOUD" }, folder);
    expect(silent).toEqual({ code: 0, stdout: "", stderr: "" });
    const { stderr } = await runProgram(
      'import { getLogger } from "@omniq/logging"; getLogger().info("x");',
      {},
      folder,
    );
    expect(stderr).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \| INFO {5}\| omniq:1 \| x\n$/);
    expect(existsSync(join(folder, "logs"))).toBe(false);
  });

  it("S4.22 a record is two lines: what was said by which line, and the facts around it", async () => {
    const { stderr } = await runProgram(
      [
        'import { bindTask, getLogger } from "@omniq/logging";',
        'const core = getLogger("omniq.core");',
        'core.bind({ worker: "worker-1", task_id: "abc-123", operation: "process_task", tries: 2 })',
        '  .warn("Task execution started");',
        'core.critical("alone");',
      ].join("\n"),
    );
    expect(stderr.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "DATE")).toBe(
      [
        "DATE | WARNING  | omniq.core:4 | Task execution started",
        "└── task_id: abc-123 | operation: process_task | worker: worker-1 | tries: 2",
        "DATE | CRITICAL | omniq.core:5 | alone",
        "",
      ].join("\n"),
    );
  });

  it("S4.22 shows a correlation id that is not the task's own", async () => {
    const { stderr } = await runProgram(
      'import { bindTask } from "@omniq/logging"; bindTask("b", { correlation_id: "a" }).info("x");',
    );
    expect(stderr).toContain("└── task_id: b | correlation_id: a\n");
  });

  it("S4.22 is coloured where colours are asked for, and never with NO_COLOR", async () => {
    const program = 'import { getLogger } from "@omniq/logging"; getLogger().info("x");';
    expect((await runProgram(program, { FORCE_COLOR: "1" })).stderr).toContain(
      "\u001B[32mINFO    \u001B[39m",
    );
    expect((await runProgram(program, { NO_COLOR: "1" })).stderr).not.toContain("\u001B");
  });

  it("no text can look like a record of its own", async () => {
    const { stderr } = await runProgram(
      String.raw`import { getLogger } from "@omniq/logging"; getLogger().info("a\nb\u001b[31m", { "k\n": "v\r\n" });`,
    );
    expect(stderr.split("\n")).toHaveLength(3);
    expect(stderr).toContain(String.raw`a\nb\u001b[31m`);
  });
});
