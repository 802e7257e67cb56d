import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { application, runProgram } from "@omniq/test-support/programs";
import { describe, expect, it } from "vitest";

const TASKS = `
  import { defineTask } from "@omniq/core";
  export const double = defineTask({ name: "double", run: (n: number) => 2 * n });
`;

/** An application with a module of tasks. */
function withTasks(tasks = TASKS): string {
  const folder = application();
  writeFileSync(join(folder, "tasks.mts"), tasks);
  return folder;
}

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
    const ended = await runProgram(main, {}, withTasks());
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
    expect(await runProgram(main, {}, withTasks())).toMatchObject({
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
    const { stdout } = await runProgram(main, {}, application(["core", "sync"]));
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
    const [tasks, main] = files.map(({ text }) => text) as [string, string];
    const ended = await runProgram(main, {}, withTasks(tasks));
    expect(ended).toEqual({
      code: 0,
      stdout: blocks.find(({ language }) => language === "text")?.text,
      stderr: "",
    });
  });

  it("shows storage calls that run", async () => {
    const sample = blocks.find(({ language, file }) => language === "ts" && file === undefined)?.text ?? "";
    expect(sample).toContain("StorageSync");
    expect(await runProgram(sample)).toMatchObject({ code: 0, stderr: "" });
  });
});
