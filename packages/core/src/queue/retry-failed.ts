import { InvalidTransitionError, NotFoundError } from "../errors/storage-error.ts";
import type { BaseStorage } from "../storage/base-storage.ts";
import { checkInteger, checkOptions } from "../storage/checks.ts";
import { MAX_PAGE } from "../storage/limits.ts";

/** Which failed tasks are to run again. */
export interface RetryFailedOptions {
  readonly queue?: string;
  readonly name?: string;
  /** At most so many, the first that were enqueued first. Default: all. */
  readonly limit?: number;
}

/** Gives each failed task of a filter another run, due now. Answers how many. */
export async function retryFailed(storage: BaseStorage, options: RetryFailedOptions): Promise<number> {
  checkOptions(options, ["queue", "name", "limit"], "retryFailed");
  const { limit = Number.MAX_SAFE_INTEGER, ...filter } = options;
  checkInteger(limit, "limit", 1, Number.MAX_SAFE_INTEGER);
  let retried = 0;
  for (let cursor: string | null = null; ;) {
    const page = await storage.listTasks({ ...filter, status: "FAILED", cursor, limit: MAX_PAGE });
    for (const { id } of page.tasks) {
      if (retried === limit) return retried;
      if (await hasRetried(storage, id)) retried++;
    }
    if (page.cursor === null) return retried;
    cursor = page.cursor;
  }
}

/** False where somebody else has dealt with it since it was listed. */
async function hasRetried(storage: BaseStorage, id: string): Promise<boolean> {
  try {
    await storage.retryTask(id);
    return true;
  } catch (error) {
    if (error instanceof InvalidTransitionError || error instanceof NotFoundError) return false;
    throw error;
  }
}
