import { isFinished } from "../model/task-status.ts";
import type { TaskWrite } from "../model/task-write.ts";
import { contentDigest } from "./content-digest.ts";
import type { ResultInsert, ResultKey, ResultRecord, StoredTask, WriteAnswer } from "./hooks.ts";
import type { JoinedHooks } from "./joined-hooks.ts";
import { type SettlementMark, bears, isRepeated, markOf } from "./settlement-mark.ts";

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

  /** Puts results aside. Before a run is followed by another, or its row goes, the one before is confirmed. */
  async prepare(writes: readonly TaskWrite[]): Promise<ReadonlyMap<string, StoredTask>> {
    const rows = new Map<string, StoredTask>();
    const prepare = async (write: TaskWrite): Promise<void> => {
      const { id, state, result } = write;
      const row = state === null || state.run > 1 ? await this.#tasks.doGetTask(id) : null;
      if (row) {
        rows.set(id, row);
        await this.confirm(row);
      }
      const mark = markOf(write);
      if (result && mark) await this.#put(mark, result);
    };
    await Promise.all(writes.map(prepare));
    return rows;
  }

  /** Follows a write: confirms its result, removes what it drops, and the row that stayed until then. */
  async finish(write: TaskWrite, answer: WriteAnswer): Promise<void> {
    const { id, result, state, dropResults } = write;
    if (answer.written) {
      if (dropResults !== null) {
        await this.#results.doDeleteResult({ taskId: id, run: dropResults === "all" ? null : dropResults });
      }
      // A run that ended without a result shows none of an earlier task under the same id either.
      if (!result && state && isFinished(state.status)) {
        await this.#results.doDeleteResult({ taskId: id, run: state.run });
      }
      if (result) await this.#results.doPutResult({ taskId: id, result, pendingToken: null });
    } else if (result && isRepeated(write, answer)) await this.#repeat(answer.current, result);
    const mark = markOf(write);
    if (!result || !mark) return;
    await this.#drop(mark);
    if (state === null) await this.#remove(mark);
  }

  /** Puts the result that the last settlement of the row left aside, if any, under the task's id. */
  async confirm({
    id,
    settledToken: token,
    settledDigest: digest,
  }: StoredTask): Promise<ResultRecord | null> {
    if (token === null || digest === null) return null;
    const mark = { id, token, digest };
    const found = await this.#results.doGetResult({ taskId: pendingId(mark), run: null });
    if (!found) return null;
    const { finishedAt, expiresAt } = found;
    const ttlMs = expiresAt === null ? null : expiresAt - finishedAt;
    await this.#results.doPutResult({ taskId: id, result: { ...found, ttlMs }, pendingToken: null });
    await this.#drop(mark);
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

  /** Puts a result aside, before the settlement. */
  async #put(mark: SettlementMark, result: ResultInsert): Promise<void> {
    await this.#results.doPutResult({ taskId: pendingId(mark), result, pendingToken: mark.token });
  }

  /** What was put aside is confirmed, or has come to nothing. */
  async #drop(mark: SettlementMark): Promise<void> {
    await this.#results.doDeleteResult({ taskId: pendingId(mark), run: null });
  }

  /** The settlement was made before, and its answer lost: its result is confirmed, unless that was done, too. */
  async #repeat(row: StoredTask, result: ResultInsert): Promise<void> {
    const there = await this.#results.doGetResult({ taskId: row.id, run: result.run });
    if (!there || !isSame(result, there)) await this.confirm(row);
  }

  /** Removes the row of a run whose result is confirmed, unless somebody has begun another run of it. */
  async #remove(mark: SettlementMark): Promise<void> {
    const row = await this.#tasks.doGetTask(mark.id);
    if (!row || !bears(row, mark) || !isFinished(row.status)) return;
    const write: TaskWrite = {
      id: mark.id,
      guard: { revision: row.revision },
      state: null,
      due: null,
      keepsLease: false,
      definition: null,
      result: null,
      dropResults: null,
      events: [],
      enqueue: [],
    };
    await this.#tasks.doWrite([write]);
  }
}

/** Whether the run is one that the task has ended. A task that is gone cannot say. */
function isOf(row: StoredTask | null, { run }: ResultRecord): boolean {
  return row === null || run < row.run || (run === row.run && isFinished(row.status));
}

/** An id of a length that does not depend on the task's. */
function pendingId({ id, token, digest }: SettlementMark): string {
  return `omniq-pending-${contentDigest(`${token} ${digest} ${id}`)}`;
}

function isSame(one: ResultInsert, other: ResultRecord): boolean {
  return (["status", "value", "error", "attempts"] as const).every((field) => one[field] === other[field]);
}
