import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { OmniQ, defineTask, type StorageModule } from "@omniq/core";
import { afterEach, beforeEach, describe, it } from "vitest";
import { checkModule, packageOf } from "../src/facade/storage-module.ts";
import { fakeStorage } from "./support/fake-storage.ts";

const run = promisify(execFile);
const program = fileURLToPath(new URL("fixtures/open-by-url.ts", import.meta.url));

/** An adapter that says, by the error that it throws, where it lies and what it was given. */
function adapter(name: string): string {
  return `export function createStorage(url) { throw Object.assign(new Error(url), { code: ${JSON.stringify(name)} }); }`;
}

describe("the package of a URL's scheme", () => {
  it.each([
    ["sqlite", "@omniq/storage-sqlite"],
    ["file", "@omniq/storage-file"],
    ["postgres", "@omniq/storage-postgres"],
    ["postgresql", "@omniq/storage-postgres"],
    ["redis", "@omniq/storage-redis"],
    ["rediss", "@omniq/storage-redis"],
    ["nats", "omniq-storage-nats"],
    ["constructor", "omniq-storage-constructor"],
    ["memory", "@omniq/storage-memory"],
  ])("%s is %s", (scheme, name) => {
    assert.equal(packageOf(scheme), name);
  });

  it.each([["../mysql"], [""], ["A b"]])("%s is none", (scheme) => {
    assert.throws(() => packageOf(scheme), { code: "unknown_backend", field: "backend" });
  });
});

describe("an adapter's module", () => {
  it("exports createStorage", () => {
    const module: StorageModule = { createStorage: () => fakeStorage() };
    assert.equal(checkModule(module, "x"), module);
  });

  it.each([[null], [undefined], [{}], [{ createStorage: "later" }]])("is not %o", (module) => {
    assert.throws(() => checkModule(module, "The adapter"), {
      code: "invalid_adapter",
      field: "adapter",
      message: "The adapter exports no createStorage, so it is no adapter of OmniQ.",
    });
  });

  it("can be handed in, and is given the URL and the options that are not the queue's", async () => {
    const given: unknown[] = [];
    const storage = fakeStorage();
    const module: StorageModule = {
      createStorage: (...args) => {
        given.push(...args);
        return storage;
      },
    };
    const omniq = await OmniQ.open("mine:./place", { adapter: module, tasks: [], prefix: "p" });
    assert.deepEqual(given, ["mine:./place", { prefix: "p" }]);
    assert.deepEqual(storage.calls, ["doOpen"]);
    await omniq.close();
    await omniq.close();
    assert.deepEqual(storage.calls, ["doOpen", "doClose"]);
  });
});

describe("a store that is named by options", () => {
  it("takes what is given beside them as well", async () => {
    const module: StorageModule = { createStorage: () => fakeStorage() };
    const task = defineTask({ name: "task", run: () => {} });
    await using omniq = await OmniQ.open({ url: "mine:./place", adapter: module }, { tasks: [task] });
    assert.equal(omniq.definition("task"), task);
  });
});

describe("a store that cannot be named so", () => {
  it.each<[code: string, url: unknown, more: { readonly backend?: string }, field: string]>([
    ["invalid_url", "./jobs.db", {}, "url"],
    ["invalid_url", "", {}, "url"],
    ["invalid_backend", "sqlite:x", { backend: "file" }, "backend"],
  ])("is refused as %s: %o", async (code, url, more, field) => {
    await assert.rejects(OmniQ.open(url as string, more), { name: "ValidationError", code, field });
  });
});

describe("an adapter that is named by a URL", () => {
  let root: string;
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), "omniq-adapter-")));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function write(name: string, text: string): Promise<void> {
    const path = join(root, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }

  /** Puts a package where a program in that folder finds it. */
  async function install(folder: string, name: string, text: string): Promise<void> {
    const manifest = { name, version: "1.0.0", type: "module", exports: { ".": "./index.js" } };
    await write(`${folder}/node_modules/${name}/package.json`, JSON.stringify(manifest));
    await write(`${folder}/node_modules/${name}/index.js`, text);
  }

  /** What opening the URL came to, for a program that is started in that folder. */
  async function open(url: string, cwd: string, entry = program): Promise<Readonly<Record<string, string>>> {
    await mkdir(join(root, cwd), { recursive: true });
    const { stdout } = await run(process.execPath, ["--conditions=@omniq/source", entry, url], {
      cwd: join(root, cwd),
    });
    return JSON.parse(stdout) as Readonly<Record<string, string>>;
  }

  it("is looked for in the working folder", async () => {
    await install("app", "omniq-storage-nats", adapter("from_the_folder"));
    const { code, message } = await open("nats://host", "app");
    assert.equal(code, "from_the_folder");
    assert.match(message ?? "", /nats:\/\/host/);
  });

  it("is looked for from the program's own file first", async () => {
    await install("app", "omniq-storage-nats", adapter("from_the_entry"));
    await install("elsewhere", "omniq-storage-nats", adapter("from_the_folder"));
    const core = new URL("../src/index.ts", import.meta.url).href;
    await cp(program, join(root, "app/main.mts"));
    await write("app/node_modules/@omniq/core/package.json", '{ "type": "module", "exports": "./index.js" }');
    await write("app/node_modules/@omniq/core/index.js", `export * from ${JSON.stringify(core)};`);
    assert.equal(
      (await open("nats://host", "elsewhere", join(root, "app/main.mts")))["code"],
      "from_the_entry",
    );
  });

  it("that is not installed is named, with what to do and where it was looked for", async () => {
    const { name, code, packageName, message } = await open("nats://host", "app");
    assert.deepEqual(
      [name, code, packageName],
      ["AdapterNotFoundError", "adapter_not_installed", "omniq-storage-nats"],
    );
    assert.equal(
      message,
      "omniq-storage-nats is not installed. Install it in your application: npm install omniq-storage-nats. " +
        `(Looked from ${program} and ${join(root, "app/package.json")}; with a bundler, import it and pass it as \`adapter\`.)`,
    );
  });

  it("that lacks a package of its own is not taken for one that is not installed", async () => {
    await install("app", "omniq-storage-nats", 'import "a-driver-that-is-missing";');
    const { name, code, message } = await open("nats://host", "app");
    assert.deepEqual([name, code], ["Error", "ERR_MODULE_NOT_FOUND"]);
    assert.match(message ?? "", /a-driver-that-is-missing/);
  });

  it("that is another package is refused by its name", async () => {
    await install("app", "omniq-storage-nats", "export const nothing = 1;");
    const { code, message } = await open("nats://host", "app");
    assert.equal(code, "invalid_adapter");
    assert.equal(message, "omniq-storage-nats exports no createStorage, so it is no adapter of OmniQ.");
  });
});
