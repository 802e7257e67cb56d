import { CorruptRecordError } from "../errors/storage-error.ts";
import { SerializationError } from "../errors/validation-error.ts";
import { decodeTask } from "../model/record-codec.ts";
import type { Task } from "../model/task.ts";
import type { Logger } from "../ports/logger.ts";
import type { BaseStorage } from "../storage/base-storage.ts";
import type { ListTasksParams } from "../storage/params.ts";

/** Some of the tasks of a store, in the order of enqueueing. */
export interface TaskList {
  readonly tasks: readonly Task[];
  /** Where the next page begins; null after the last. */
  readonly cursor: string | null;
}

/** A page of tasks. One whose record cannot be read is left out, with a warning, so that the others can be seen. */
export async function listTasks(
  storage: BaseStorage,
  logger: Logger,
  params: ListTasksParams,
): Promise<TaskList> {
  const { tasks, cursor } = await storage.listTasks(params);
  const readable = tasks.flatMap((record) => {
    try {
      return [decodeTask(record, storage.serializer)];
    } catch (error) {
      if (!(error instanceof CorruptRecordError || error instanceof SerializationError)) throw error;
      logger.warn(`Task ${record.id} cannot be listed: ${error.message}`, { task_id: record.id, error });
      return [];
    }
  });
  return { tasks: readable, cursor };
}
