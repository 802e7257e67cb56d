import { OmniQ, TaskQueue, ValidationError, WorkerPool } from "@omniq/core";
import type { AnyTaskDefinition, StorageModule, TaskQueueOptions } from "@omniq/core";
import type { BaseStorage } from "@omniq/core/storage";
import type { Making } from "./messages.ts";

type Options = Readonly<Record<string, unknown>>;

/** Makes the real object behind a twin, of the options of its class; tasks are named by their modules. */
export async function make(what: Making, args: readonly unknown[]): Promise<unknown> {
  const options = (args[0] ?? {}) as Options;
  switch (what) {
    case "storage":
      return withoutTransactions(await makeStorage(options));
    case "omniq": {
      const omniq = await OmniQ.open(await complete(options));
      withoutTransactions(omniq.storage);
      return omniq;
    }
    case "queue":
      return new TaskQueue((await complete(options)) as unknown as TaskQueueOptions);
    case "worker":
      return makeWorker(args[1], await complete(options));
    case "member":
      return (options as Record<string, unknown>)[args[1] as string];
  }
}

/** Through the queue that makes workers, where there is one, so that closing it stops them. */
function makeWorker(maker: unknown, options: Options): WorkerPool {
  if (maker instanceof OmniQ) return maker.worker(options);
  return new WorkerPool(options);
}

/** A transaction of the caller's cannot be joined from another thread. */
function withoutTransactions(storage: BaseStorage): BaseStorage {
  const capabilities = { ...storage.capabilities, transactions: false };
  return Object.defineProperty(storage, "capabilities", { value: capabilities });
}

async function makeStorage({ module, url = null, ...options }: Options): Promise<BaseStorage> {
  if (module === undefined)
    return (await OmniQ.open({ ...options, ...(url !== null && { url }) } as never)).storage;
  return (await importAdapter(module as string)).createStorage(url as string | null, options);
}

/** The options with what modules they name: an adapter's, and those of tasks. */
async function complete({ module, tasks, ...options }: Options): Promise<Options> {
  return {
    ...options,
    ...(module !== undefined && { adapter: await importAdapter(module as string) }),
    ...(tasks !== undefined && { tasks: await importTasks(tasks as readonly string[]) }),
  };
}

async function importAdapter(module: string): Promise<StorageModule> {
  const loaded = (await import(module)) as Partial<StorageModule>;
  if (typeof loaded.createStorage === "function") return loaded as StorageModule;
  throw new ValidationError(
    "invalid_adapter",
    `${module} exports no createStorage, so it is no adapter of OmniQ.`,
    {
      field: "module",
    },
  );
}

/** Every task that the modules export, alone or in an array. */
async function importTasks(modules: readonly string[]): Promise<AnyTaskDefinition[]> {
  const tasks = new Set<AnyTaskDefinition>();
  for (const module of modules) {
    const before = tasks.size;
    const exported = Object.values((await import(module)) as Record<string, unknown>).flat();
    for (const one of exported) if (isTask(one)) tasks.add(one);
    if (tasks.size > before) continue;
    throw new ValidationError("invalid_task", `${module} exports no task that defineTask made.`, {
      field: "tasks",
    });
  }
  return [...tasks];
}

function isTask(value: unknown): value is AnyTaskDefinition {
  const { name, run, defaults } = (value ?? {}) as Partial<AnyTaskDefinition>;
  return typeof name === "string" && typeof run === "function" && typeof defaults === "object";
}
