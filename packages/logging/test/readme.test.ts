import { readFileSync } from "node:fs";
import { join } from "node:path";
import { examples } from "@omniq/test-support/examples";
import { runProgram } from "@omniq/test-support/programs";
import { describe, expect, it } from "vitest";

const README = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8");

const shown = examples(README);

describe("the README", () => {
  it("shows programs, each with its output", () => {
    expect(shown.map(({ output }) => output)).not.toContain("");
    expect(shown.length).toBeGreaterThanOrEqual(2);
  });

  it.each(shown)("S4.30 program %# prints what is shown", async ({ program, output }) => {
    expect(await runProgram(program)).toEqual({ code: 0, stdout: output, stderr: "" });
  });
});
