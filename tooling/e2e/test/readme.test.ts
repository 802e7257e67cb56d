import { spawn } from "node:child_process";
import { readFileSync, rmSync, symlinkSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../src/stores.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const README = readFileSync(join(ROOT, "README.md"), "utf8");

interface Example {
  readonly program: string;
  readonly output: string;
}

/** Each program in the README, with the output that is shown after it. */
function examples(markdown: string): Example[] {
  const blocks = [...markdown.matchAll(/```(ts|text)\n([^]*?)```/g)].map(([, language, text]) => ({
    language,
    text,
  }));
  return blocks.flatMap(({ language, text = "" }, index) => {
    if (language !== "ts") return [];
    const next = blocks[index + 1];
    return [{ program: text, output: next?.language === "text" ? (next.text ?? "") : "" }];
  });
}

/** What a program prints to its standard output, run in an application that has core and SQLite installed. */
async function outputOf(program: string): Promise<string> {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "node_modules", "@omniq"), { recursive: true });
  for (const name of ["core", "storage-sqlite"]) {
    symlinkSync(join(ROOT, "packages", name), join(folder, "node_modules", "@omniq", name));
  }
  writeFileSync(join(folder, "main.mts"), program);
  const child = spawn(process.execPath, ["--conditions=@omniq/source", "main.mts"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  for await (const text of child.stdout) output += String(text);
  return output;
}

describe("the README", () => {
  it("has programs", () => expect(examples(README).length).toBeGreaterThanOrEqual(2));

  it.each(examples(README))("program %# prints what is shown", async ({ program, output }) => {
    expect(await outputOf(program)).toBe(output);
  });

  it("names the version of pnpm that the workspace is pinned to", () => {
    const { packageManager } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      packageManager: string;
    };
    const versions = new Set([...README.matchAll(/npx -y (pnpm@[\d.]+)/g)].map(([, version]) => version));
    expect([...versions]).toEqual([packageManager]);
  });
});
