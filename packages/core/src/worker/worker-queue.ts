import { ValidationError } from "../errors/validation-error.ts";
import { TaskQueue, isTaskQueue } from "../queue/task-queue.ts";
import { checkArray, checkRecord } from "../storage/checks.ts";
import { isStorage } from "../storage/is-storage.ts";
import type { WorkerPoolOptions } from "./worker-options.ts";

const STORAGE_DEPRECATED =
  "Passing 'storage' to WorkerPool is deprecated. Use 'queue' parameter instead: " +
  "new WorkerPool({ queue: new TaskQueue({ storage }) })";

/**
 * The queue that a worker serves: the one given, or one made over the storage given, which is the deprecated way.
 *
 * @param caller the class that is constructed, so that the warning points at whoever does it.
 * @throws ValidationError `invalid_worker`, TypeError
 */
export function queueOf(options: WorkerPoolOptions, caller: Function): TaskQueue {
  checkRecord(options, "options");
  const { queue, storage, tasks, logger } = options;
  if (tasks !== undefined) checkArray(tasks, "tasks");
  if (queue === undefined && storage === undefined) {
    throw new ValidationError("invalid_worker", "Either 'queue' or 'storage' must be provided.", {
      field: "queue",
    });
  }
  if (queue !== undefined && storage !== undefined) {
    throw new ValidationError("invalid_worker", "Cannot provide both 'queue' and 'storage'.", {
      field: "storage",
    });
  }
  if (storage !== undefined) {
    if (!isStorage(storage)) throw new TypeError("'storage' must be BaseStorage");
    process.emitWarning(STORAGE_DEPRECATED, "DeprecationWarning", "OMNIQ_DEP0001", caller);
    return new TaskQueue({ storage, ...(tasks && { tasks }), ...(logger !== undefined && { logger }) });
  }
  if (!isTaskQueue(queue)) throw new TypeError("'queue' must be TaskQueue");
  queue.register(...(tasks ?? []));
  return queue;
}
