import { DuplicateTaskError, NotFoundError, StorageError } from "../errors/storage-error.ts";
import { TaskError } from "../errors/task-error.ts";
import { JsonSerializer } from "../model/json-serializer.ts";
import {
  type OperatorPlan,
  planCancel,
  planDelete,
  planHold,
  planReschedule,
  planRetry,
  planSchedule,
} from "../model/operator-plans.ts";
import { decodeEvent, decodePayload, decodeResult, decodeTask, encodeError } from "../model/record-codec.ts";
import { type EventInsert, type EventLevel, TaskEventType, isRecorded } from "../model/task-event.ts";
import { DEFAULT_POLICIES } from "../model/task-policies.ts";
import type { TaskRecord } from "../model/task-record.ts";
import type { TaskResult } from "../model/task-result.ts";
import { TASK_STATUSES } from "../model/task-status.ts";
import type { TaskInsert, TaskWrite } from "../model/task-write.ts";
import type { Task } from "../model/task.ts";
import { type Clock, systemClock } from "../ports/clock.ts";
import { type IdSource, uuidV7 } from "../ports/ids.ts";
import type { Serializer } from "../ports/serializer.ts";
import { type Capabilities, DEFAULT_CAPABILITIES } from "./capabilities.ts";
import { checkInstant, checkInteger, checkOneOf, checkOptions, checkSpan, checkText } from "./checks.ts";
import { claimedTasks } from "./claims.ts";
import { CONTRACT_VERSION } from "./contract-version.ts";
import type { EventStorage, ResultStorage, TaskStorage } from "./facets.ts";
import type { DequeueHookParams, DequeueHookResult, WriteAnswer } from "./hooks.ts";
import { Lifecycle } from "./lifecycle.ts";
import type * as p from "./params.ts";
import { encodeValue, prepareTask } from "./prepare-task.ts";
import { lossReason, settleRefusal } from "./refusal.ts";
import { checkHooks } from "./required-hooks.ts";
import { type SettlementWrite, settlementWrite } from "./settlement-write.ts";
import type { StorageCall } from "./storage-failure.ts";
import { StorageHooks } from "./storage-hooks.ts";
import { WakeHints } from "./wake-hints.ts";

/** What every store can be configured with. */
export interface BaseStorageOptions {
  /** Default: JSON. */
  readonly serializer?: Serializer;
  /** The contract's clock, where the store has none of its own. Default: the machine's. */
  readonly clock?: Clock;
  /** Default: UUID version 7. */
  readonly ids?: IdSource;
  /** Which events are kept. Default `errors`. */
  readonly events?: EventLevel;
}

/** The names of {@link BaseStorageOptions}, for an adapter's own check of its options. */
export const BASE_STORAGE_OPTIONS = ["serializer", "clock", "ids", "events"] as const;

/** What an adapter says of itself. */
export interface AdapterInfo {
  /** Such as `sqlite`. */
  readonly name: string;
  readonly version: string;
  readonly capabilities: Partial<Capabilities>;
}

const MAX_PAGE = 1000;
const MAX_BATCH = 100_000;
/** How often a write is tried anew after the row changed under it. */
const MAX_TRIES = 100;
/** How often a claim that met exhausted tasks looks again for ones to hand out. */
const MAX_CLAIM_ROUNDS = 3;

/**
 * The storage contract: tasks, results and events over one store. The public methods open the store on first
 * use, check their arguments, decide by pure functions, and leave the rest to the hooks of an adapter.
 *
 * The rules that every method keeps are stated in docs/contract.md and proved by `@omniq/storage-testkit`.
 *
 * All methods reject `ValidationError` or `SerializationError` for a bad argument, before anything is written,
 * `ClosedError` after `close`, and otherwise a `StorageError` with a stable code.
 */
export abstract class BaseStorage extends StorageHooks implements TaskStorage, ResultStorage, EventStorage {
  readonly adapter: AdapterInfo;
  readonly capabilities: Capabilities;
  readonly serializer: Serializer;
  readonly eventLevel: EventLevel;
  protected readonly clock: Clock;
  readonly #ids: IdSource;
  readonly #lifecycle: Lifecycle;
  readonly #hints: WakeHints;
  /** How far the store's clock is ahead of ours; 0 where ours is the store's. */
  #clockOffset = 0;
  #rotation = 0;

  constructor(adapter: AdapterInfo, options: BaseStorageOptions = {}) {
    super();
    checkHooks(this);
    this.adapter = adapter;
    this.capabilities = { ...DEFAULT_CAPABILITIES, ...adapter.capabilities };
    this.serializer = options.serializer ?? new JsonSerializer();
    this.clock = options.clock ?? systemClock;
    this.#ids = options.ids ?? uuidV7;
    this.eventLevel = options.events ?? "errors";
    checkOneOf(this.eventLevel, "events", ["all", "errors", "off"]);
    this.#hints = new WakeHints((onHint) => this.doWatch(onHint));
    this.#lifecycle = new Lifecycle(
      () => this.doOpen(),
      async () => {
        await this.#hints.close();
        await this.doClose();
      },
    );
  }

  /** Opens the store. Optional: the first call does it. Idempotent. */
  open(): Promise<void> {
    return this.#call("open", null, async () => {});
  }

  /** Waits for the calls under way, then lets go of the store. Idempotent; every later call is refused. */
  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Removes everything that the store keeps, and nothing else. */
  destroy(): Promise<void> {
    return this.#call("destroy", null, () => this.doDestroy());
  }

  describe(): Promise<p.StorageDescription> {
    return this.#call("describe", null, async () => ({
      adapter: this.adapter.name,
      adapterVersion: this.adapter.version,
      contractVersion: CONTRACT_VERSION,
      capabilities: this.capabilities,
      ...(await this.doDescribe()),
    }));
  }

  // Tasks: enqueue, claim, settle, renew

  /** Stores tasks. Each answers created, existing or error; a refused group stores none of its tasks. */
  enqueue(params: p.EnqueueParams): Promise<p.EnqueueResult> {
    return this.#call("enqueue", null, async () => {
      const prepared = params.groups.map((group) => this.#prepareGroup(group));
      const inserts = prepared.filter((group) => !(group instanceof GroupRefusal)) as TaskInsert[][];
      if (inserts.length === 0) {
        return { now: this.#storeNow(), groups: prepared.map((group) => (group as GroupRefusal).answers) };
      }
      const stored = await this.doEnqueue({ groups: inserts });
      this.#setClock(stored.now);
      await this.#notify();
      let next = 0;
      const groups = prepared.map((group): readonly p.EnqueueAnswer[] => {
        if (group instanceof GroupRefusal) return group.answers;
        const answers = stored.groups[next++] ?? [];
        const duplicate = answers.some((answer) => answer.status === "duplicate");
        if (!duplicate) return answers as readonly p.EnqueueAnswer[];
        return answers.map(({ status, id }) => ({
          status: "error",
          error: status === "duplicate" ? new DuplicateTaskError(id) : groupRefused(),
        }));
      });
      return { now: stored.now, groups };
    });
  }

  /**
   * Claims due tasks under leases. A task taken over from a lapsed lease comes back marked; one that has used up
   * its recoveries is not handed out but ends as failed with `lease_expired`.
   */
  dequeue(params: p.DequeueParams): Promise<p.DequeueResult> {
    return this.#call("dequeue", null, async () => {
      checkDequeue(params, this.capabilities.maxIdBytes);
      return this.#claim(params, (claim) => this.doDequeue(claim));
    });
  }

  /** Ends leases with their outcomes. No item rejects the call: each has its own answer. */
  settle(params: p.SettleParams): Promise<p.SettleResult> {
    return this.#call("settle", null, async () => {
      const work = params.settlements.map((settlement) => this.#prepareSettlement(settlement));
      const { now, answers } = await this.doWrite(writesOf(work));
      this.#setClock(now);
      return { now, answers: await this.#answerSettlements(params.settlements, work, answers) };
    });
  }

  /** Settles, then claims, in one trip where the store can do both at once. */
  exchange(params: p.ExchangeParams): Promise<p.ExchangeResult> {
    return this.#call("exchange", null, async () => {
      checkDequeue(params.dequeue, this.capabilities.maxIdBytes);
      const { settlements } = params.settle;
      const work = settlements.map((settlement) => this.#prepareSettlement(settlement));
      const writes = writesOf(work);
      let written: readonly WriteAnswer[] | null = null;
      const claimed = await this.#claim(params.dequeue, async (claim) => {
        if (written || writes.length === 0) return this.doDequeue(claim);
        const exchanged = await this.doExchange(writes, claim);
        written = exchanged.answers;
        return exchanged;
      });
      written ??= writes.length === 0 ? [] : (await this.doWrite(writes)).answers;
      return { ...claimed, answers: await this.#answerSettlements(settlements, work, written) };
    });
  }

  /** Moves the ends of leases. */
  renew(params: p.RenewParams): Promise<p.RenewResult> {
    return this.#call("renew", null, async () => {
      const { now, answers } = await this.doRenew(
        params.renewals.map(({ lease, leaseMs, progress }) => {
          checkSpan(leaseMs, "lease", 1);
          const text = progress === undefined ? null : new JsonSerializer().encode(progress, "progress");
          return { id: lease.taskId, token: lease.token, leaseMs, progress: text };
        }),
      );
      this.#setClock(now);
      return {
        now,
        answers: answers.map((answer, index): p.RenewAnswer => {
          if ("until" in answer) return { status: "renewed", until: answer.until };
          if (!answer.current) return { status: "gone" };
          const token = (params.renewals[index] as p.Renewal).lease.token;
          return { status: "lost", reason: lossReason(token, answer.current) };
        }),
      };
    });
  }

  // Tasks: the calls of operators

  /** The task, or null where there is none of this id. */
  getTask(taskId: string): Promise<Task | null> {
    return this.#callFor("getTask", taskId, async () => {
      const stored = await this.doGetTask(taskId);
      return stored && decodeTask(stored, this.serializer);
    });
  }

  /** Due at `newEta`, whatever the task did before. A holder's lease is void. @throws NotFoundError */
  reschedule(taskId: string, newEta: Date): Promise<void> {
    return this.#callFor("reschedule", taskId, async () => {
      const eta = newEta instanceof Date ? newEta.getTime() : newEta;
      checkInstant(eta, "eta");
      await this.#operate(taskId, planReschedule(eta));
      await this.#notify();
    });
  }

  /** Ends a waiting or running task; false where it had ended already. @throws NotFoundError */
  cancel(taskId: string): Promise<boolean> {
    return this.#callFor("cancel", taskId, () => this.#operate(taskId, planCancel));
  }

  /** A new run, due now, of a task that failed or was cancelled. @throws NotFoundError, InvalidTransitionError */
  retryTask(taskId: string): Promise<void> {
    return this.#callFor("retryTask", taskId, async () => {
      await this.#operate(taskId, planRetry);
      await this.#notify();
    });
  }

  /** Removes the task; a running one only with `force`. @throws NotFoundError, InvalidTransitionError */
  deleteTask(taskId: string, options: { readonly force?: boolean } = {}): Promise<void> {
    return this.#callFor("deleteTask", taskId, async () => {
      checkOptions(options, ["force"], "deleteTask");
      await this.#operate(taskId, planDelete(options.force === true));
    });
  }

  /** One reason why the waiting task must not be claimed. @throws NotFoundError, InvalidTransitionError */
  hold(taskId: string, reason: string): Promise<void> {
    return this.#callFor("hold", taskId, async () => {
      checkText(reason, "reason", this.capabilities.maxIdBytes);
      await this.#operate(taskId, planHold("hold", reason));
    });
  }

  /** Takes a reason away again. @throws NotFoundError, InvalidTransitionError */
  unhold(taskId: string, reason: string): Promise<void> {
    return this.#callFor("unhold", taskId, async () => {
      checkText(reason, "reason", this.capabilities.maxIdBytes);
      await this.#operate(taskId, planHold("unhold", reason));
      await this.#notify();
    });
  }

  /** Declares a recurring task under its id: creates it, updates it, or leaves it as it is. */
  schedule(task: p.NewTask & { readonly id: string }): Promise<p.ScheduleResult> {
    return this.#callFor("schedule", task.id, async () => {
      const insert = this.#prepare(task);
      const created = await this.doEnqueue({ groups: [[insert]] });
      this.#setClock(created.now);
      const status = created.groups[0]?.[0]?.status;
      const updated = status === "duplicate" && (await this.#operate(task.id, planSchedule(insert)));
      if (status === "created" || updated) await this.#notify();
      return { id: task.id, status: status === "created" ? "created" : updated ? "updated" : "unchanged" };
    });
  }

  listTasks(params: p.ListTasksParams = {}): Promise<p.TaskPage> {
    return this.#call("listTasks", null, async () => {
      checkOptions(params, ["queue", "status", "name", "cursor", "limit"], "listTasks");
      const { queue = null, status = null, name = null, cursor = null, limit = 100 } = params;
      checkInteger(limit, "limit", 1, MAX_PAGE);
      if (status !== null) checkOneOf(status, "status", TASK_STATUSES);
      return this.doListTasks({ queue, status, name, cursor, limit });
    });
  }

  /** How many tasks there are, by queue and status; pairs without any are left out. */
  countTasks(): Promise<readonly p.TaskCount[]> {
    return this.#call("countTasks", null, () => this.doCountTasks());
  }

  listQueues(): Promise<readonly p.QueueInfo[]> {
    return this.#call("listQueues", null, () => this.doListQueues());
  }

  /** From now on no task of the queue is claimed. What runs goes on. */
  pauseQueue(name: string): Promise<void> {
    return this.#setQueuePaused("pauseQueue", name, true);
  }

  resumeQueue(name: string): Promise<void> {
    return this.#setQueuePaused("resumeQueue", name, false);
  }

  /** Removes tasks that ended before an instant; answers how many. Live tasks are never touched. */
  purge(params: p.PurgeParams): Promise<number> {
    return this.#call("purge", null, async () => {
      checkOptions(params, ["before", "limit", "status"], "purge");
      const { before, limit = 1000, status = null } = params;
      checkInstant(before, "before");
      checkInteger(limit, "limit", 1, MAX_BATCH);
      if (status !== null) checkOneOf(status, "status", ["SUCCESS", "FAILED", "CANCELLED"]);
      return this.doPurge({ before, limit, status });
    });
  }

  /** When dequeue could next return something, so that a worker sleeps no longer and no shorter. */
  nextDue(params: p.NextDueParams = {}): Promise<p.NextDueResult> {
    return this.#call("nextDue", null, async () => {
      const queues = params.queues ?? (await this.doListQueues()).map((queue) => queue.name);
      const next = await this.doNextDue(queues);
      this.#setClock(next.now);
      return next;
    });
  }

  /** Takes over whole tasks of another store. One whose id is present is left as it is. */
  importTasks(tasks: readonly p.ImportedTask[]): Promise<readonly ("created" | "existing")[]> {
    return this.#call("importTasks", null, async () => {
      for (const task of tasks) {
        checkText(task.id, "id", this.capabilities.maxIdBytes);
        checkText(task.queue, "queue", this.capabilities.maxIdBytes);
        checkOneOf(task.status, "status", TASK_STATUSES.filter((status) => status !== "RUNNING"));
      }
      const answers = await this.doImportTasks(tasks);
      await this.#notify();
      return answers;
    });
  }

  /** Calls `onHint` when something may have become due. A hint may be late, doubled or missing. */
  watch(onHint: p.WakeHint): Promise<p.Watch> {
    return this.#call("watch", null, () => this.#hints.add(onHint));
  }

  // Results

  /** How a run ended: the one named, or the latest that has a result. Null where there is none, or it has expired. */
  getResult(taskId: string, options: { readonly run?: number } = {}): Promise<TaskResult | null> {
    return this.#callFor("getResult", taskId, async () => {
      const found = await this.doGetResult({ taskId, run: checkRun(options) });
      return found && decodeResult(found, this.serializer);
    });
  }

  /** Stores how a run ended, over what stands there. Settling does it by itself. */
  putResult(params: p.PutResultParams): Promise<void> {
    return this.#callFor("putResult", params.taskId, async () => {
      const { run, status, value, error, ttlMs = DEFAULT_POLICIES.resultTtlMs, attempts = 0, startedAt = null } = params;
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
    return this.#callFor("deleteResult", taskId, async () => this.doDeleteResult({ taskId, run: checkRun(options) }));
  }

  /** Removes expired results; answers how many. */
  purgeResults(params: p.PurgeExpiredParams = {}): Promise<number> {
    return this.#call("purgeResults", null, async () => {
      const { limit = 1000 } = params;
      checkInteger(limit, "limit", 1, MAX_BATCH);
      return this.doPurgeResults(limit);
    });
  }

  // Events

  appendEvents(events: readonly EventInsert[]): Promise<void> {
    return this.#call("appendEvents", null, () => this.doAppendEvents(events));
  }

  queryEvents(params: p.QueryEventsParams = {}): Promise<p.EventPage> {
    return this.#call("queryEvents", null, async () => {
      checkOptions(params, ["taskId", "type", "workerId", "from", "to", "cursor", "limit"], "queryEvents");
      const { taskId = null, type = null, workerId = null, from = null, to = null, cursor = null, limit = 100 } = params;
      checkInteger(limit, "limit", 1, MAX_PAGE);
      if (type !== null) checkOneOf(type, "type", Object.values(TaskEventType));
      if (from !== null) checkInstant(from, "from");
      if (to !== null) checkInstant(to, "to");
      const page = await this.doQueryEvents({ taskId, type, workerId, from, to, cursor, limit });
      return { events: page.events.map(decodeEvent), cursor: page.cursor };
    });
  }

  /** Removes events from before an instant, the oldest first; answers how many. */
  purgeEvents(params: p.PurgeEventsParams): Promise<number> {
    return this.#call("purgeEvents", null, async () => {
      const { before, limit = 1000 } = params;
      checkInstant(before, "before");
      checkInteger(limit, "limit", 1, MAX_BATCH);
      return this.doPurgeEvents(before, limit);
    });
  }

  /** The payload of a claimed task. @throws SerializationError, CorruptRecordError */
  decodePayload(task: TaskRecord): unknown {
    return decodePayload(task, this.serializer);
  }

  #call<T>(call: StorageCall, subject: string | null, work: () => Promise<T>): Promise<T> {
    return this.#lifecycle.call(call, subject, work);
  }

  #callFor<T>(call: StorageCall, taskId: string, work: () => Promise<T>): Promise<T> {
    return this.#call(call, taskId, () => {
      checkText(taskId, "id", this.capabilities.maxIdBytes);
      return work();
    });
  }

  #prepare(task: p.NewTask): TaskInsert {
    return prepareTask(task, {
      serializer: this.serializer,
      ids: this.#ids,
      capabilities: this.capabilities,
      eventLevel: this.eventLevel,
      now: () => this.#storeNow(),
    });
  }

  #prepareGroup(group: readonly p.NewTask[]): TaskInsert[] | GroupRefusal {
    const items = group.map((task): TaskInsert | Error => {
      try {
        return this.#prepare(task);
      } catch (error) {
        return error as Error;
      }
    });
    const refused = items.some((item) => item instanceof Error);
    return refused ? new GroupRefusal(items) : (items as TaskInsert[]);
  }

  #prepareSettlement({ task, outcome, enqueue = [] }: p.Settlement, current?: TaskRecord): SettlementWrite | Error {
    try {
      return settlementWrite(
        current ?? task.record,
        task.lease,
        outcome,
        enqueue.map((child) => this.#prepare(child)),
        {
          serializer: this.serializer,
          maxPayloadBytes: this.capabilities.maxPayloadBytes,
          eventLevel: this.eventLevel,
          now: this.#storeNow(),
        },
      );
    } catch (error) {
      return error as Error;
    }
  }

  /** Gives each settlement its answer; one that was computed from an outdated schedule is computed again. */
  async #answerSettlements(
    settlements: readonly p.Settlement[],
    work: readonly (SettlementWrite | Error)[],
    written: readonly WriteAnswer[],
  ): Promise<readonly p.SettleAnswer[]> {
    const answers: p.SettleAnswer[] = [];
    let next = 0;
    for (const [index, item] of work.entries()) {
      if (item instanceof Error) answers.push({ status: "error", error: item });
      else answers.push(await this.#answerSettlement(settlements[index] as p.Settlement, item, written[next++] as WriteAnswer));
    }
    if (answers.some((answer) => answer.status === "settled" && answer.outcome.kind === "release")) await this.#notify();
    return answers;
  }

  async #answerSettlement(settlement: p.Settlement, first: SettlementWrite, answer: WriteAnswer): Promise<p.SettleAnswer> {
    let item = first;
    let written = answer;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (written.written) return { status: "settled", outcome: item.outcome };
      const refusal = settleRefusal(settlement.task.lease.token, item.outcomeDigest, written.current);
      if (refusal.status !== "outdated" || !written.current) return refusal;
      const again = this.#prepareSettlement(settlement, written.current);
      if (again instanceof Error) return { status: "error", error: again };
      item = again;
      written = (await this.doWrite([again.write])).answers[0] as WriteAnswer;
    }
    return { status: "outdated" };
  }

  async #claim(
    params: p.DequeueParams,
    dequeue: (claim: DequeueHookParams) => Promise<DequeueHookResult>,
  ): Promise<p.DequeueResult> {
    const tasks: p.ClaimedTask[] = [];
    const queues = params.queues ?? (await this.#allQueues(params.limit));
    let now = this.#storeNow();
    for (let round = 0; round < MAX_CLAIM_ROUNDS && queues.length > 0; round++) {
      const limit = params.limit - tasks.length;
      if (limit <= 0) break;
      const answer = await dequeue({
        queues,
        limit,
        workerId: params.workerId,
        leaseMs: params.leaseMs,
        events: {
          claimed: isRecorded(TaskEventType.STARTED, this.eventLevel) ? TaskEventType.STARTED : null,
          recovered: isRecorded(TaskEventType.LEASE_LOST, this.eventLevel) ? TaskEventType.LEASE_LOST : null,
        },
      });
      now = answer.now;
      this.#setClock(now);
      const { handOut, exhausted } = claimedTasks(answer);
      tasks.push(...handOut);
      if (exhausted.length === 0) break;
      await this.#endExhausted(exhausted, now);
    }
    return { now, tasks };
  }

  /** Tasks whose leases lapsed too often end as failed; the claim that found this out is not counted. */
  async #endExhausted(exhausted: readonly p.ClaimedTask[], now: number): Promise<void> {
    const writes = exhausted.map(({ record, lease }) => {
      const error = new TaskError({
        errorType: "lease_expired",
        message: `The lease lapsed ${record.recoveries} times: the worker crashed, or lost its store, each time`,
        isRetryable: false,
        retryCount: record.failures,
        timestamp: new Date(now),
      });
      const task = { record: { ...record, attempts: record.attempts - 1 }, lease, recovered: true };
      return this.#prepareSettlement({ task, outcome: { kind: "fail", error } });
    });
    await this.doWrite(writesOf(writes));
  }

  async #allQueues(limit: number): Promise<readonly p.QueueLimit[]> {
    const names = (await this.doListQueues()).filter((queue) => !queue.paused).map((queue) => queue.name);
    const first = names.length === 0 ? 0 : this.#rotation++ % names.length;
    return [...names.slice(first), ...names.slice(0, first)].map((name) => ({ name, limit }));
  }

  /** Reads the task, decides, and writes if the row is still as it was read; otherwise again. */
  async #operate(taskId: string, plan: OperatorPlan): Promise<boolean> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const stored = await this.doGetTask(taskId);
      if (!stored) throw new NotFoundError(taskId);
      const write = plan(stored);
      if (!write) return false;
      const events = write.events.filter((event) => isRecorded(event.type, this.eventLevel));
      const { now, answers } = await this.doWrite([{ ...write, events }]);
      this.#setClock(now);
      if (answers[0]?.written) return true;
    }
    throw new StorageError("contention", `Task ${taskId} changed ${MAX_TRIES} times under the call; try again`, {
      retryable: true,
    });
  }

  #setQueuePaused(call: StorageCall, name: string, paused: boolean): Promise<void> {
    return this.#call(call, name, async () => {
      checkText(name, "queue", this.capabilities.maxIdBytes);
      await this.doSetQueuePaused(name, paused);
      if (!paused) await this.#notify();
    });
  }

  /** A hint that does not get through costs time, not tasks: the worker's poll finds what it would have told. */
  async #notify(): Promise<void> {
    this.#hints.hint();
    try {
      await this.doNotify();
    } catch {
      // What was to be announced is stored already; the call must not fail for the announcement.
    }
  }

  #storeNow(): number {
    return this.clock.now() + this.#clockOffset;
  }

  #setClock(now: number): void {
    if (this.capabilities.serverTime) this.#clockOffset = now - this.clock.now();
  }
}

/** A group with an item that is not valid: none of it is stored. */
class GroupRefusal {
  readonly answers: readonly p.EnqueueAnswer[];

  constructor(items: readonly (TaskInsert | Error)[]) {
    this.answers = items.map((item) => ({ status: "error", error: item instanceof Error ? item : groupRefused() }));
  }
}

function groupRefused(): StorageError {
  return new StorageError("group_refused", "Not stored, because another task of its group was refused");
}

function writesOf(work: readonly (SettlementWrite | Error)[]): TaskWrite[] {
  return work.flatMap((item) => (item instanceof Error ? [] : [item.write]));
}

function checkDequeue(params: p.DequeueParams, maxIdBytes: number): void {
  checkInteger(params.limit, "limit", 0, MAX_BATCH);
  checkText(params.workerId, "workerId", maxIdBytes);
  checkSpan(params.leaseMs, "lease", 1);
  for (const queue of params.queues ?? []) {
    checkText(queue.name, "queue", maxIdBytes);
    checkInteger(queue.limit, "limit", 0, MAX_BATCH);
  }
}

function checkRun({ run }: { readonly run?: number }): number | null {
  if (run === undefined) return null;
  checkInteger(run, "run", 1, Number.MAX_SAFE_INTEGER);
  return run;
}
