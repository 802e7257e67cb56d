import type { OpenOptions, WorkerOptions } from "@omniq/core";
import { checkRecord } from "@omniq/core/storage";
import { type ModuleName, type TwinOptions, limitOf, portable } from "./portable.ts";
import { QueueCalls } from "./queue-sync.ts";
import { OBJECT_ID, Thread } from "./thread.ts";
import { WorkerPoolSync } from "./worker-sync.ts";

/** The options of `OmniQ.open` beside a URL, with modules in place of what functions are in. */
export interface OpenMoreSyncOptions extends TwinOptions, Pick<OpenOptions, "backend" | "logger" | "clock"> {
  /** The modules that export the tasks. Their handlers run in the store's thread. */
  readonly tasks?: ModuleName | readonly ModuleName[];
  /** The adapter, as a module that exports `createStorage`; left out, the URL names it. */
  readonly module?: ModuleName;
  readonly [adapterOption: string]: unknown;
}

/** The options of `OmniQ.open`, with modules in place of what functions are in. */
export interface OpenSyncOptions extends OpenMoreSyncOptions, Pick<OpenOptions, "url"> {}

/**
 * OmniQ without promises: opens a store by its URL, enqueues, reads results, makes workers.
 *
 * ```ts
 * using omniq = OmniQSync.open("sqlite:./jobs.db", { tasks: new URL("./tasks.js", import.meta.url) });
 * const id = omniq.enqueue("greet", { name: "Ada" });
 * omniq.worker().processTasks();
 * console.log(omniq.getResult(id)?.value);
 * ```
 */
export class OmniQSync extends QueueCalls {
  /** Opens the store. @throws ValidationError, AdapterNotFoundError, StorageError */
  static open(urlOrOptions: string | OpenSyncOptions = {}, more: OpenMoreSyncOptions = {}): OmniQSync {
    checkRecord(more, "options");
    const given = typeof urlOrOptions === "string" ? { url: urlOrOptions } : urlOrOptions;
    checkRecord(given, "options");
    const options: OpenSyncOptions = { ...more, ...given };
    const thread = new Thread(limitOf(options));
    const omniq = new OmniQSync(thread, thread.make("omniq", [portable(options)]));
    try {
      thread.ensure(omniq[OBJECT_ID]);
      return omniq;
    } catch (error) {
      thread.close();
      throw error;
    }
  }

  private constructor(thread: Thread, object: number) {
    super(thread, object);
  }

  /** A worker of this queue. Its handlers run in the store's thread. */
  worker(options: WorkerOptions = {}): WorkerPoolSync {
    return new WorkerPoolSync(options, this);
  }

  /** Stops the workers made here, closes the store, and ends its thread. Idempotent. */
  close(): void {
    try {
      if (this.thread.isRunning) this.thread.call(this[OBJECT_ID], "close", []);
    } finally {
      this.thread.close();
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
