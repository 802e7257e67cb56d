import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "@omniq/test-support/temporary-folder";
import { describe, expect, it } from "vitest";

const PACKAGES = fileURLToPath(new URL("../../../packages", import.meta.url));

const PROGRAM = `
import { OmniQ, defineTask } from "@omniq/core";
const greet = defineTask({ name: "greet", run: () => {} });
try {
  const omniq = await OmniQ.open(process.argv[2], { tasks: [greet] });
  const id = await omniq.enqueue(greet);
  console.log(omniq.storage.adapter.name, (await omniq.getTask(id)).status);
  await omniq.close();
} catch (error) {
  console.log(error.code, error.message);
}
`;

/** An application in a folder of its own, with these packages of ours installed. */
function application(folder: string, packages: readonly string[]): string {
  const root = join(folder, "app");
  mkdirSync(join(root, "node_modules", "@omniq"), { recursive: true });
  for (const name of packages) symlinkSync(join(PACKAGES, name), join(root, "node_modules", "@omniq", name));
  writeFileSync(join(root, "main.mjs"), PROGRAM);
  return root;
}

/** What the program prints, run from a working folder. */
async function run(entry: string, cwd: string, url: string): Promise<string> {
  // The package manager that runs these tests names folders of its own there.
  const env = { ...process.env, NODE_PATH: "" };
  const child = spawn(process.execPath, ["--conditions=@omniq/source", entry, url], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  for await (const text of child.stdout) output += String(text);
  return output.trim();
}

describe("OmniQ.open finds an adapter by its URL", () => {
  it("from the application's entry file, wherever it is started", async () => {
    const folder = temporaryFolder();
    const root = application(folder, ["core", "storage-sqlite"]);
    expect(await run(join(root, "main.mjs"), folder, `sqlite:${folder}/jobs.db`)).toBe("sqlite PENDING");
  });

  it("from the working folder, where the entry file lies elsewhere", async () => {
    const folder = temporaryFolder();
    const root = application(folder, ["core", "storage-sqlite"]);
    const tool = application(join(folder, "tool"), ["core"]);
    expect(await run(join(tool, "main.mjs"), root, "sqlite:./jobs.db")).toBe("sqlite PENDING");
  });

  it("S4.105 and says what to install where it is in neither", async () => {
    const folder = temporaryFolder();
    const root = application(folder, ["core"]);
    const said = await run(join(root, "main.mjs"), root, "sqlite:./jobs.db");
    expect(said).toContain("adapter_not_installed");
    expect(said).toContain("npm install @omniq/storage-sqlite");
    const ofRedis = await run(join(root, "main.mjs"), root, "redis://localhost");
    expect(ofRedis).toContain("npm install @omniq/storage-redis");
  });

  it("and refuses a scheme that nothing serves", async () => {
    const folder = temporaryFolder();
    const root = application(folder, ["core"]);
    expect(await run(join(root, "main.mjs"), root, "mongodb://localhost")).toContain("omniq-storage-mongodb");
  });
});
