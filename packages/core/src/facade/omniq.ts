import { ValidationError } from "../errors/validation-error.ts";
import { type CopyOptions, type CopyReport, copyStore } from "../copy/copy-store.ts";
import { definedOf } from "../queue/enqueue-options.ts";
import { TaskQueue, type TaskQueueOptions, isTaskQueue } from "../queue/task-queue.ts";
import { checkOptions, checkRecord } from "../storage/checks.ts";
import type { BaseStorage } from "../storage/base-storage.ts";
import { WorkerPool } from "../worker/worker-pool.ts";
import { WORKER_OPTIONS, type WorkerOptions } from "../worker/worker-options.ts";
import { type Settings, readSettings } from "./settings.ts";
import { type StorageModule, checkModule, loadStorageModule, packageOf } from "./storage-module.ts";

/** How to open a store whose place is named beside. What is not listed here goes to the adapter. */
export interface OpenMoreOptions extends Omit<TaskQueueOptions, "storage"> {
  /** The kind of store, at its default place; in place of a URL. */
  readonly backend?: string;
  /** The adapter's module, for applications that are bundled: `import * as adapter from "@omniq/storage-sqlite"`. */
  readonly adapter?: StorageModule;
  readonly [adapterOption: string]: unknown;
}

/** How to open a store by name. */
export interface OpenOptions extends OpenMoreOptions {
  /** Where the tasks are: `sqlite:./jobs.db`, `memory:`. Left out: SQLite, in the base directory. */
  readonly url?: string;
}

/**
 * A queue together with its store: opens it by a URL, makes workers, and closes it at the end.
 *
 * ```ts
 * await using omniq = await OmniQ.open("sqlite:./jobs.db", { tasks: [greet] });
 * await omniq.enqueue(greet, { name: "Ada" });
 * await using worker = omniq.worker({ concurrency: 4 });
 * await worker.start();
 * ```
 */
export class OmniQ extends TaskQueue {
  /** Not held by this list: one that is neither used nor at work may go. */
  #workers: WeakRef<WorkerPool>[] = [];

  /**
   * Opens a store that is named by a URL or a kind, or else by `OMNIQ_URL` or `OMNIQ_BACKEND`. Without any, tasks are kept
   * by SQLite in `./omniq_data/omniq.db` (`OMNIQ_BASE_DIR` names another folder).
   *
   * @throws ValidationError, AdapterNotFoundError, StorageError
   */
  static async open(urlOrOptions: string | OpenOptions = {}, more: OpenMoreOptions = {}): Promise<OmniQ> {
    checkRecord(more, "options");
    const given = typeof urlOrOptions === "string" ? { url: urlOrOptions } : urlOrOptions;
    checkRecord(given, "options");
    const { adapter, tasks, logger, clock, random, classifyError, maxPending, ...named }: OpenOptions = {
      ...more,
      ...given,
    };
    const { url, backend, ...adapterOptions } = withSettings(definedOf(named), readSettings());
    if (url !== undefined && backend !== undefined) {
      throw new ValidationError("invalid_backend", "Give either url or backend, not both.", {
        field: "backend",
      });
    }
    const scheme = url === undefined ? (backend ?? "sqlite") : schemeOf(url);
    const module =
      adapter !== undefined
        ? checkModule(adapter, "The adapter")
        : await loadStorageModule(packageOf(scheme));
    const storage = module.createStorage(url ?? null, { ...adapterOptions, ...definedOf({ clock }) });
    const own = definedOf({ tasks, logger, clock, random, classifyError, maxPending });
    const omniq = new OmniQ({ storage, ...own });
    await storage.open();
    return omniq;
  }

  /**
   * A worker of this queue. It does nothing until it is started; {@link close} stops it. What the options leave out is as
   * the `OMNIQ_*` variables say (see {@link readSettings}).
   */
  worker(options: WorkerOptions = {}): WorkerPool {
    checkOptions(options, [...WORKER_OPTIONS, "tasks"], "worker");
    const pool = new WorkerPool({ ...readSettings().worker, ...definedOf(options), queue: this });
    this.#workers = [...this.#workers.filter((ref) => ref.deref()), new WeakRef(pool)];
    return pool;
  }

  /**
   * Copies tasks, results, events and the marks of paused queues into another store, which must be empty, or hold what an
   * earlier copy of this one left that was stopped or killed. Ids, counters, instants and order stay as they are. Reads
   * both again at the end. Stop the workers of both before. Memory is bounded; give `onProgress` to see how far it is.
   *
   * @throws StorageError `tasks_running`, `target_not_empty`, `copy_differs`, `copy_unsupported`, ...
   */
  copyTo(other: TaskQueue | BaseStorage, options: CopyOptions = {}): Promise<CopyReport> {
    return copyStore(this.storage, isTaskQueue(other) ? other.storage : other, options);
  }

  /** Stops the workers made here, waits for what is being enqueued, then closes the store. Idempotent. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map(async (ref) => ref.deref()?.stop()));
    await this.flush();
    await this.storage.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** What was given, and of the environment what was not. A place that is named in one way hides the other. */
function withSettings(given: Partial<OpenOptions>, { url, backend, events }: Settings): Partial<OpenOptions> {
  const isNamed = given.url !== undefined || given.backend !== undefined;
  return {
    ...(events !== undefined && { events }),
    ...(!isNamed && url !== undefined && { url }),
    ...(!isNamed && backend !== undefined && { backend }),
    ...given,
  };
}

function schemeOf(url: unknown): string {
  const scheme = typeof url === "string" ? /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1] : undefined;
  if (scheme) return scheme.toLowerCase();
  throw new ValidationError(
    "invalid_url",
    'The url of a store begins with its kind: "sqlite:./jobs.db", "memory:". For a plain path write "sqlite:" before it.',
    { field: "url" },
  );
}
