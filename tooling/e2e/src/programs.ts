import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./temporary-folder.ts";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** A program that a page shows, and what the page says that it prints. */
export interface Example {
  readonly program: string;
  readonly output: string;
}

/** Each program of a page, with the output that is shown after it. */
export function examples(markdown: string): Example[] {
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

/** What a program prints to its standard output, run in an application that has our packages installed. */
export async function outputOf(program: string): Promise<string> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "node_modules", "@omniq"), { recursive: true });
  for (const name of readdirSync(join(ROOT, "packages"))) {
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
