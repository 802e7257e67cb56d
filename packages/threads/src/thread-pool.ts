import { TaskError, type DurationInput, type TaskContext, ValidationError, durationMs } from "@omniq/core";
import { checkInteger, checkOptions, checkText } from "@omniq/core/storage";
import { Piscina } from "piscina";
import type { ThreadAnswer, ThreadCall } from "./thread-call.ts";

export interface ThreadPoolOptions {
  /** How many threads at most. Default: one for each processor that the process may use, less one for the event loop. */
  readonly maxThreads?: number;
  /** How long a thread without work is kept. Default `"10s"`. */
  readonly idleTimeout?: DurationInput;
}

const MAX_THREADS = 1000;

/** The script of the threads, beside this one: source in this repository, JavaScript where it is installed. */
const SCRIPT = new URL(import.meta.url.endsWith(".ts") ? "./thread.ts" : "./thread.js", import.meta.url);

/**
 * Threads for tasks that compute. A handler made by {@link handler} leaves the event loop free, so that leases are renewed
 * and other tasks run; a timeout, a lost lease or a cancellation ends its thread at once, whatever it is doing.
 *
 * ```ts
 * const threads = new ThreadPool();
 * const resize = defineTask({
 *   name: "resize",
 *   timeout: "30s",
 *   run: threads.handler<Picture, Size>(new URL("./resize.js", import.meta.url)),
 * });
 * ```
 */
export class ThreadPool {
  readonly #pool: Piscina<ThreadCall, ThreadAnswer>;

  /** Starts no thread: the first call does. @throws ValidationError for a bad option */
  constructor(options: ThreadPoolOptions = {}) {
    checkOptions(options, ["maxThreads", "idleTimeout"], "ThreadPool");
    const { maxThreads, idleTimeout = "10s" } = options;
    if (maxThreads !== undefined) checkInteger(maxThreads, "maxThreads", 1, MAX_THREADS);
    this.#pool = new Piscina({
      filename: SCRIPT.href,
      name: "answer",
      minThreads: 0,
      ...(maxThreads !== undefined && { maxThreads }),
      idleTimeout: durationMs(idleTimeout, "idleTimeout"),
    });
  }

  /**
   * A task's `run` that calls a function of a module in a thread. Payload and result are copied, as by structuredClone.
   *
   * @param module the module's URL: `new URL("./resize.js", import.meta.url)`.
   * @param exportName which function of the module; default: its default export.
   * @throws ValidationError `invalid_module`, `invalid_export_name`
   */
  handler<Payload, Result = unknown>(
    module: URL,
    exportName = "default",
  ): (payload: Payload, context: TaskContext) => Promise<Result> {
    if (typeof (module as Partial<URL> | null | undefined)?.href !== "string") {
      const message = 'The module of a handler is a URL, such as new URL("./resize.js", import.meta.url).';
      throw new ValidationError("invalid_module", message, { field: "module" });
    }
    checkText(exportName, "exportName", 255);
    return async (payload, context) => {
      const { taskId, name, queue, run, attempt, failures, workerId, headers, signal } = context;
      const facts = { taskId, name, queue, run, attempt, failures, workerId, headers };
      const call: ThreadCall = { module: module.href, exportName, payload, context: facts };
      const answer = await this.#pool.run(call, { signal });
      if ("error" in answer) throw TaskError.from(answer.error, answer.details);
      return answer.result as Result;
    };
  }

  /** How many threads there are at this moment. */
  get threads(): number {
    return this.#pool.threads.length;
  }

  /** Waits for the calls under way, then ends the threads. Stop the workers first. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
