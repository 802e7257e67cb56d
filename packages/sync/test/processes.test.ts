import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runProgram } from "./support/folder.ts";

const TASKS = `
  import { defineTask } from "@omniq/core";
  export const double = defineTask({ name: "double", run: (n: number) => 2 * n });
`;

describe("a script", () => {
  it.each(["sqlite:./jobs.db", "file:./jobs", "memory:"])("needs no await, with %s", async (url) => {
    const main = `
      import { OmniQSync } from "@omniq/sync";
      using omniq = OmniQSync.open("${url}", { tasks: "./tasks.mts" });
      const ids = [1, 2, 3].map((n) => omniq.enqueue("double", n));
      omniq.worker({ concurrency: 2 }).processTasks();
      console.log(ids.map((id) => omniq.getResult(id)?.value).join());
    `;
    expect(main).not.toContain("await");
    const ended = await runProgram({ "tasks.mts": TASKS, "main.mts": main });
    expect(ended).toEqual({ code: 0, stdout: "2,4,6\n", stderr: "" });
  });

  it("that forgets to close, with a worker at work, ends all the same", async () => {
    const main = `
      import { OmniQSync } from "@omniq/sync";
      const omniq = OmniQSync.open("sqlite:./jobs.db", { tasks: "./tasks.mts" });
      const worker = omniq.worker();
      worker.start();
      console.log(omniq.getResult(omniq.enqueue("double", 4), { wait: true })?.value);
    `;
    expect(await runProgram({ "tasks.mts": TASKS, "main.mts": main })).toMatchObject({
      code: 0,
      stdout: "8\n",
    });
  });

  it("is told which adapter to install", async () => {
    const main = `
      import { StorageSync } from "@omniq/sync";
      try {
        new StorageSync("redis://localhost").open();
      } catch (error) {
        console.log(error.name, error.code, error.message.includes("npm install @omniq/storage-redis"));
      }
    `;
    const { stdout } = await runProgram({ "main.mts": main });
    expect(stdout).toBe("AdapterNotFoundError adapter_not_installed true\n");
  });
});

describe("the README", () => {
  const readme = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8");
  const blocks = [...readme.matchAll(/```(ts|text)\n(?:\/\/ (\S+)\n)?([^]*?)```/g)].map(
    ([, language, file, text = ""]) => ({ language, file, text }),
  );

  it("shows a program that prints what is shown", async () => {
    const files = blocks.filter(({ language, file }) => language === "ts" && file !== undefined);
    expect(files.map(({ file }) => file)).toEqual(["tasks.mts", "main.mts"]);
    const ended = await runProgram(Object.fromEntries(files.map(({ file = "", text }) => [file, text])));
    expect(ended).toEqual({
      code: 0,
      stdout: blocks.find(({ language }) => language === "text")?.text,
      stderr: "",
    });
  });

  it("shows storage calls that run", async () => {
    const sample = blocks.find(({ language, file }) => language === "ts" && file === undefined)?.text ?? "";
    expect(sample).toContain("StorageSync");
    expect(await runProgram({ "main.mts": sample })).toMatchObject({ code: 0, stderr: "" });
  });
});
