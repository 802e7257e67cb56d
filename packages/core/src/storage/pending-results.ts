import { isFinished } from "../model/task-status.ts";
import type { ResultInsert, ResultKey, ResultRecord, StoredTask } from "./hooks.ts";
import { contentDigest } from "./content-digest.ts";
import type { JoinedHooks } from "./joined-hooks.ts";

/** What a row says of its last settlement: by whom, and with which outcome. */
export interface Settlement {
  readonly id: string;
  readonly token: string;
  readonly digest: string;
}

/**
 * Results in another store than the tasks. No step can write to both, so a result is first put aside under the token that
 * is to settle the run. The task's row alone says whether that token did: then the result is confirmed, by whoever comes
 * first, and put under the task's own id. A token that settled nothing has touched no result of anybody's.
 */
export class PendingResults {
  readonly #tasks: JoinedHooks;
  readonly #results: JoinedHooks;

  constructor(tasks: JoinedHooks, results: JoinedHooks) {
    this.#tasks = tasks;
    this.#results = results;
  }

  /** Puts a result aside, before the settlement. */
  async put(settlement: Settlement, result: ResultInsert): Promise<void> {
    const { token } = settlement;
    await this.#results.doPutResult({ taskId: pendingId(settlement), result, pendingToken: token });
  }

  /** What was put aside is confirmed, or has come to nothing. */
  async drop(settlement: Settlement): Promise<void> {
    await this.#results.doDeleteResult({ taskId: pendingId(settlement), run: null });
  }

  /** The settlement was made before, and its answer lost: its result is confirmed, unless that was done, too. */
  async repeat(row: StoredTask, result: ResultInsert): Promise<void> {
    const there = await this.#results.doGetResult({ taskId: row.id, run: result.run });
    if (!there || !isSame(result, there)) await this.confirm(row);
  }

  /** Puts the result that the last settlement of the row left aside, if any, under the task's id. */
  async confirm({
    id,
    settledToken: token,
    settledDigest: digest,
  }: StoredTask): Promise<ResultRecord | null> {
    if (token === null || digest === null) return null;
    const settlement = { id, token, digest };
    const found = await this.#results.doGetResult({ taskId: pendingId(settlement), run: null });
    if (!found) return null;
    const { finishedAt, expiresAt } = found;
    const ttlMs = expiresAt === null ? null : expiresAt - finishedAt;
    await this.#results.doPutResult({ taskId: id, result: { ...found, ttlMs }, pendingToken: null });
    await this.drop(settlement);
    return { ...found, taskId: id, pendingToken: null };
  }

  /** How a run ended; of an earlier task under the same id, nothing. */
  async get({ taskId, run }: ResultKey): Promise<ResultRecord | null> {
    const row = await this.#tasks.doGetTask(taskId);
    const confirmed = row && (await this.confirm(row));
    if (confirmed && (run === null || run === confirmed.run)) return confirmed;
    let found = await this.#results.doGetResult({ taskId, run });
    for (let before = row?.run ?? 0; found && !isOf(row, found); before--) {
      if (run !== null || before < 1) return null;
      found = await this.#results.doGetResult({ taskId, run: before });
    }
    return found;
  }
}

/** Whether the run is one that the task has ended. A task that is gone cannot say. */
function isOf(row: StoredTask | null, { run }: ResultRecord): boolean {
  return row === null || run < row.run || (run === row.run && isFinished(row.status));
}

/** An id of a length that does not depend on the task's. */
function pendingId({ id, token, digest }: Settlement): string {
  return `omniq-pending-${contentDigest(`${token} ${digest} ${id}`)}`;
}

function isSame(one: ResultInsert, other: ResultRecord): boolean {
  return (["status", "value", "error", "attempts"] as const).every((field) => one[field] === other[field]);
}
