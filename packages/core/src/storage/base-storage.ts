import { TaskError } from "../errors/task-error.ts";
import { decodeEvent, decodeResult, encodeError } from "../model/record-codec.ts";
import { type EventImport, type EventInsert, TaskEventType } from "../model/task-event.ts";
import { DEFAULT_POLICIES } from "../model/task-policies.ts";
import type { ResultRecord, TaskResult } from "../model/task-result.ts";
import {
  checkArray,
  checkInstant,
  checkInteger,
  checkObject,
  checkOneOf,
  checkOptions,
  checkSpan,
  checkText,
} from "./checks.ts";
import { openCursor, sealCursor } from "./cursors.ts";
import type { EventStorage, ResultStorage } from "./facets.ts";
import { MAX_BATCH, MAX_PAGE } from "./limits.ts";
import { OperatorCalls } from "./operator-calls.ts";
import type * as p from "./params.ts";
import { encodeValue } from "./prepare-task.ts";

/**
 * The storage contract: tasks, results and events over one store. The public methods open the store on first
 * use, check their arguments, decide by pure functions, and leave the rest to the hooks of an adapter.
 *
 * The rules that every method keeps are stated in docs/contract.md and proved by `@omniq/storage-testkit`.
 *
 * All methods reject `ValidationError` or `SerializationError` for a bad argument, before anything is written,
 * `ClosedError` after `close`, and otherwise a `StorageError` with a stable code.
 */
export abstract class BaseStorage extends OperatorCalls implements ResultStorage, EventStorage {
  /** How a run ended: the one named, or the latest that has a result. Null where there is none, or it has expired. */
  getResult(taskId: string, options: { readonly run?: number } = {}): Promise<TaskResult | null> {
    return this.callFor("getResult", taskId, async () => {
      const found = await this.doGetResult({ taskId, run: checkRun(options) });
      return found && decodeResult(found, this.serializer);
    });
  }

  /** Stores how a run ended, over what stands there. Settling does it by itself. */
  putResult(params: p.PutResultParams): Promise<void> {
    return this.callFor("putResult", params?.taskId, async () => {
      const {
        run,
        status,
        value,
        error,
        ttlMs = DEFAULT_POLICIES.resultTtlMs,
        attempts = 0,
        startedAt = null,
      } = params;
      checkInteger(run, "run", 1, Number.MAX_SAFE_INTEGER);
      checkOneOf(status, "status", ["SUCCESS", "FAILED"]);
      if (ttlMs !== null) checkSpan(ttlMs, "ttl");
      if (ttlMs === 0) return;
      const { maxPayloadBytes } = this.capabilities;
      await this.doPutResult({
        taskId: params.taskId,
        pendingToken: params.pendingToken ?? null,
        result: {
          run,
          status,
          value: status === "SUCCESS" ? encodeValue(this.serializer, value, "result", maxPayloadBytes) : null,
          format: this.serializer.format,
          error: error ? encodeError(TaskError.fromException(error)) : null,
          attempts,
          startedAt,
          ttlMs,
        },
      });
    });
  }

  /** Removes the result of one run, or of all; false where there was none. */
  deleteResult(taskId: string, options: { readonly run?: number } = {}): Promise<boolean> {
    return this.callFor("deleteResult", taskId, async () =>
      this.doDeleteResult({ taskId, run: checkRun(options) }),
    );
  }

  /** Removes expired results; answers how many. */
  purgeResults(params: p.PurgeExpiredParams = {}): Promise<number> {
    return this.call("purgeResults", null, async () => {
      const { limit = 1000 } = params;
      checkInteger(limit, "limit", 1, MAX_BATCH);
      return this.doPurgeResults(limit);
    });
  }

  /** Every result as it is stored, expired ones included, page by page, each once: for copying. */
  listResults(params: p.ListResultsParams = {}): Promise<p.ResultPage> {
    return this.call("listResults", null, async () => {
      checkOptions(params, ["cursor", "limit"], "listResults");
      const { cursor = null, limit = 100 } = params;
      checkInteger(limit, "limit", 1, MAX_PAGE);
      const page = await this.doListResults({ cursor: openCursor("listResults", cursor), limit });
      return { results: page.results, cursor: sealCursor("listResults", page.cursor) };
    });
  }

  /** Takes over results of another store. One of a task and run that has a result is left as it is. */
  importResults(results: readonly ResultRecord[]): Promise<void> {
    return this.call("importResults", null, async () => {
      checkArray(results, "results");
      for (const { taskId, run, status } of objectsOf(results, "result")) {
        checkText(taskId, "taskId", this.capabilities.maxIdBytes);
        checkInteger(run, "run", 1, Number.MAX_SAFE_INTEGER);
        checkOneOf(status, "status", ["SUCCESS", "FAILED"]);
      }
      await this.doImportResults(results);
    });
  }

  /** Takes over events of another store, with their instants, behind those that there are. */
  importEvents(events: readonly EventImport[]): Promise<void> {
    return this.call("importEvents", null, async () => {
      this.#checkEvents(events);
      await this.doImportEvents(events);
    });
  }

  appendEvents(events: readonly EventInsert[]): Promise<void> {
    return this.call("appendEvents", null, async () => {
      this.#checkEvents(events);
      await this.doAppendEvents(events);
    });
  }

  queryEvents(params: p.QueryEventsParams = {}): Promise<p.EventPage> {
    return this.call("queryEvents", null, async () => {
      checkOptions(params, ["taskId", "type", "workerId", "from", "to", "cursor", "limit"], "queryEvents");
      const { taskId = null, type = null, workerId = null, cursor = null, limit = 100 } = params;
      checkInteger(limit, "limit", 1, MAX_PAGE);
      if (type !== null) checkOneOf(type, "type", Object.values(TaskEventType));
      this.checkFilters({ taskId, workerId });
      const [from, to] = [instantOf(params.from, "from"), instantOf(params.to, "to")];
      const filters = { taskId, type, workerId, from, to, limit };
      const page = await this.doQueryEvents({ ...filters, cursor: openCursor("queryEvents", cursor) });
      return { events: page.events.map(decodeEvent), cursor: sealCursor("queryEvents", page.cursor) };
    });
  }

  /** Removes events from before an instant, the oldest first; answers how many. */
  purgeEvents(params: p.PurgeEventsParams): Promise<number> {
    return this.call("purgeEvents", null, async () => {
      checkOptions(params, ["before", "limit"], "purgeEvents");
      const { before, limit = 1000 } = params;
      checkInstant(before, "before");
      checkInteger(limit, "limit", 1, MAX_BATCH);
      return this.doPurgeEvents(before, limit);
    });
  }

  #checkEvents(events: readonly EventInsert[]): void {
    checkArray(events, "events");
    for (const { taskId, type, run, attempt } of objectsOf(events, "event")) {
      checkText(taskId, "taskId", this.capabilities.maxIdBytes);
      checkOneOf(type, "type", Object.values(TaskEventType));
      checkInteger(run, "run", 1, Number.MAX_SAFE_INTEGER);
      checkInteger(attempt, "attempt", 0, Number.MAX_SAFE_INTEGER);
    }
  }
}

function instantOf(given: Date | number | undefined, field: string): number | null {
  if (given === undefined) return null;
  const instant = given instanceof Date ? given.getTime() : given;
  checkInstant(instant, field);
  return instant;
}

function objectsOf<T>(items: readonly T[], field: string): readonly T[] {
  for (const item of items) checkObject(item, field);
  return items;
}

function checkRun({ run }: { readonly run?: number }): number | null {
  if (run === undefined) return null;
  checkInteger(run, "run", 1, Number.MAX_SAFE_INTEGER);
  return run;
}
