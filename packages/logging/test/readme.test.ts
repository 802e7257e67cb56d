import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "@omniq/test-support/programs";
import { describe, expect, it } from "vitest";

const README = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8");

/** Each program, with the output that is shown after it. */
const examples = [...README.matchAll(/```ts\n([^]*?)```\n\n```text\n([^]*?)```/g)].map(
  ([, program = "", output = ""]) => ({ program, output }),
);

describe("the README", () => {
  it("shows programs, each with its output", () => {
    expect(examples).toHaveLength([...README.matchAll(/```ts\n/g)].length);
    expect(examples.length).toBeGreaterThanOrEqual(2);
  });

  it.each(examples)("S4.30 program %# prints what is shown", async ({ program, output }) => {
    expect(await runProgram(program)).toEqual({ code: 0, stdout: output, stderr: "" });
  });
});
