import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

interface Shape {
  readonly folder: string;
  readonly dependencies?: readonly string[];
  readonly devDependencies?: readonly string[];
  /** Source files by name; the rest of the package follows from them. */
  readonly files: Readonly<Record<string, string>>;
}

const sound: readonly Shape[] = [
  {
    folder: "packages/core",
    devDependencies: ["presets"],
    files: {
      "index.ts": 'export * from "./facade/open.ts";\nexport * from "./model/task.ts";\n',
      "storage.ts": 'export type { Store } from "./storage/store.ts";\n',
      "ports/clock.ts": "export type Clock = () => number;\n",
      "errors/base.ts": "export class Base extends Error {}\n",
      "model/task.ts":
        'import type { Clock } from "../ports/clock.ts";\nexport interface Task { clock: Clock }\n',
      "storage/store.ts":
        'import type { Task } from "../model/task.ts";\nexport interface Store { task: Task }\n',
      "queue/queue.ts":
        'import type { Store } from "../storage/store.ts";\nexport interface Queue { store: Store }\n',
      "worker/pool.ts":
        'import type { Queue } from "../queue/queue.ts";\nexport interface Pool { queue: Queue }\n',
      "copy/copy.ts":
        'import type { Store } from "../storage/store.ts";\nexport interface Copy { store: Store }\n',
      "facade/open.ts":
        'import type { Pool } from "../worker/pool.ts";\nexport interface Opened { pool: Pool }\n',
    },
  },
  {
    folder: "packages/storage-sql",
    dependencies: ["core"],
    files: { "index.ts": 'export type { Store } from "@omniq/core/storage";\n' },
  },
  {
    folder: "packages/storage-testkit",
    dependencies: ["core"],
    files: { "index.ts": 'export type { Store } from "@omniq/core/storage";\n' },
  },
  {
    folder: "packages/storage-memory",
    dependencies: ["core"],
    devDependencies: ["storage-testkit", "presets"],
    files: { "index.ts": 'export type { Store } from "@omniq/core/storage";\n' },
  },
  {
    folder: "packages/storage-sqlite",
    dependencies: ["core", "storage-sql"],
    files: {
      "index.ts":
        'export type { Store } from "@omniq/core/storage";\nexport type { Store as Sql } from "@omniq/storage-sql";\n',
    },
  },
  {
    folder: "packages/journal",
    dependencies: ["core"],
    files: { "index.ts": 'export type { Store } from "@omniq/core/storage";\n' },
  },
  {
    folder: "packages/storage-file",
    dependencies: ["core", "journal", "storage-memory"],
    files: {
      "index.ts":
        'export type { Store } from "@omniq/journal";\nexport type { Store as Memory } from "@omniq/storage-memory";\n',
    },
  },
  {
    folder: "packages/connection-redis",
    dependencies: ["core"],
    files: { "index.ts": 'export type { Store } from "@omniq/core/storage";\n' },
  },
  {
    folder: "packages/storage-redis",
    dependencies: ["core", "connection-redis"],
    files: { "index.ts": 'export type { Store } from "@omniq/connection-redis";\n' },
  },
  {
    folder: "packages/sync",
    dependencies: ["core"],
    files: { "index.ts": 'export * from "@omniq/core";\n' },
  },
  { folder: "packages/cli", dependencies: ["core"], files: { "index.ts": 'export * from "@omniq/core";\n' } },
  { folder: "apps/demo", dependencies: ["core"], files: { "index.ts": 'export * from "@omniq/core";\n' } },
  { folder: "tooling/presets", files: { "index.ts": "export const preset = 1;\n" } },
];

/** A small workspace on disk that keeps every rule, for a test to break one of them. */
export class Workspace implements AsyncDisposable {
  readonly root: string;
  readonly #shapes = new Map(sound.map((shape) => [shape.folder, { ...shape, files: { ...shape.files } }]));

  private constructor(root: string) {
    this.root = root;
  }

  static async create(): Promise<Workspace> {
    const workspace = new Workspace(await mkdtemp(path.join(tmpdir(), "omniq-architecture-")));
    for (const shape of sound) await workspace.#write(shape);
    return workspace;
  }

  /** Adds a source file, or replaces one. */
  async plant(file: string, text: string): Promise<void> {
    await mkdir(path.dirname(path.join(this.root, file)), { recursive: true });
    await writeFile(path.join(this.root, file), text);
  }

  /** Adds a dependency to the manifest of a package, and links it. */
  async depend(folder: string, field: "dependencies" | "devDependencies", name: string): Promise<void> {
    const shape = this.#shapes.get(folder);
    if (shape === undefined) throw new Error(`no ${folder}`);
    const changed = { ...shape, [field]: [...(shape[field] ?? []), name] };
    this.#shapes.set(folder, changed);
    await this.#writeManifest(changed);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  async #write(shape: Shape): Promise<void> {
    for (const [name, text] of Object.entries(shape.files))
      await this.plant(`${shape.folder}/src/${name}`, text);
    await this.#writeManifest(shape);
  }

  async #writeManifest(shape: Shape): Promise<void> {
    const manifest = {
      name: scoped(path.basename(shape.folder)),
      type: "module",
      exports: {
        ".": { "@omniq/source": "./src/index.ts" },
        "./storage": { "@omniq/source": "./src/storage.ts" },
      },
      dependencies: workspaceVersions(shape.dependencies),
      devDependencies: workspaceVersions(shape.devDependencies),
    };
    await this.plant(`${shape.folder}/package.json`, JSON.stringify(manifest));
    const links = path.join(this.root, shape.folder, "node_modules/@omniq");
    await mkdir(links, { recursive: true });
    for (const name of [...(shape.dependencies ?? []), ...(shape.devDependencies ?? [])]) {
      const target = [...this.#shapes.keys()].find((folder) => path.basename(folder) === name) ?? "";
      await rm(path.join(links, name), { force: true });
      await symlink(path.join(this.root, target), path.join(links, name), "junction");
    }
  }
}

function scoped(name: string): string {
  return `@omniq/${name}`;
}

function workspaceVersions(names: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(names.map((name) => [scoped(name), "workspace:*"]));
}
