import { DuplicateTaskError, StorageError } from "../errors/storage-error.ts";
import { TaskError } from "../errors/task-error.ts";
import { JsonSerializer } from "../model/json-serializer.ts";
import { TaskEventType, isRecorded } from "../model/task-event.ts";
import type { TaskInsert } from "../model/task-write.ts";
import { checkArray, checkInteger, checkObject, checkSpan, checkText } from "./checks.ts";
import { claimedTasks } from "./claims.ts";
import { fitting, writeLength } from "./fitting.ts";
import type {
  DequeueHookParams,
  DequeueHookResult,
  RenewHookAnswer,
  RenewHookItem,
  WriteAnswer,
} from "./hooks.ts";
import { itemError } from "./item-error.ts";
import { KnownQueues, QUEUES_A_CALL } from "./known-queues.ts";
import { MAX_BATCH, MAX_TOKEN_BYTES } from "./limits.ts";
import type * as p from "./params.ts";
import { withinBytes } from "./prepare-task.ts";
import { lossReason } from "./refusal.ts";
import { SettleCalls, writesOf } from "./settle-calls.ts";

/** How often a claim that met exhausted tasks looks again for ones to hand out. */
const MAX_CLAIM_ROUNDS = 3;

/** The calls of producers and workers: enqueue, claim, settle, renew. They are arrays, and fenced by tokens. */
export abstract class WorkerCalls extends SettleCalls {
  readonly #queues = new KnownQueues(this.clock);

  /** Stores tasks. Each answers created, existing or error; a refused group stores none of its tasks. */
  enqueue(params: p.EnqueueParams): Promise<p.EnqueueResult> {
    return this.call("enqueue", null, async () => {
      checkArray(params?.groups, "groups");
      const { via } = params;
      if (via !== undefined) checkObject(via, "via");
      for (const group of params.groups) checkArray(group, "group");
      const prepared = params.groups.map((group) => this.#prepareGroup(group));
      const inserts = prepared.filter((group) => !(group instanceof GroupRefusal)) as TaskInsert[][];
      if (inserts.length === 0) {
        return { now: this.storeNow(), groups: prepared.map((group) => (group as GroupRefusal).answers) };
      }
      const stored = await (via
        ? this.doEnqueueVia(via, { groups: inserts })
        : this.doEnqueue({ groups: inserts }));
      this.setClock(stored.now);
      // Tasks of a transaction are nobody's to see until it commits.
      if (!via) await this.notify(stored.isAnnounced);
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
    return this.call("dequeue", null, async () => {
      checkDequeue(params, this.capabilities.maxIdBytes);
      return this.#claim(params, (claim) => this.doDequeue(claim));
    });
  }

  /** Settles, then claims, in one trip where the store can do both at once. */
  exchange(params: p.ExchangeParams): Promise<p.ExchangeResult> {
    return this.call("exchange", null, async () => {
      checkDequeue(params?.dequeue, this.capabilities.maxIdBytes);
      checkArray(params.settle?.settlements, "settlements");
      const { settlements } = params.settle;
      const work = settlements.map((settlement) => this.prepareSettlement(settlement));
      const writes = writesOf(work);
      // What is too much for one call is written first.
      const isMuch = fitting(writes, writeLength) < writes.length;
      let written: readonly WriteAnswer[] | null = isMuch ? (await this.writeAll(writes)).answers : null;
      const claimed = await this.#claim(params.dequeue, async (claim) => {
        if (written || writes.length === 0) return this.doDequeue(claim);
        const exchanged = await this.doExchange(writes, claim);
        written = exchanged.answers;
        return exchanged;
      });
      written ??= writes.length === 0 ? [] : (await this.writeAll(writes)).answers;
      return { ...claimed, answers: await this.answerSettlements(settlements, work, written) };
    });
  }

  /** Moves the ends of leases. No item rejects the call: each has its own answer. */
  renew(params: p.RenewParams): Promise<p.RenewResult> {
    return this.call("renew", null, async () => {
      checkArray(params?.renewals, "renewals");
      const items = params.renewals.map((renewal) =>
        prepareRenewal(renewal, this.capabilities.maxPayloadBytes),
      );
      const valid = items.flatMap((item) => (item instanceof Error ? [] : [item]));
      const { now, answers } = await this.doRenew(valid);
      this.setClock(now);
      let next = 0;
      return {
        now,
        answers: items.map((item) =>
          item instanceof Error ? errorAnswer(item) : renewAnswer(item, answers[next++]),
        ),
      };
    });
  }

  #prepareGroup(group: readonly p.NewTask[]): TaskInsert[] | GroupRefusal {
    const items = group.map((task): TaskInsert | Error => {
      try {
        return this.prepare(task);
      } catch (error) {
        return itemError(error, "task");
      }
    });
    const refused = items.some((item) => item instanceof Error);
    return refused ? new GroupRefusal(items) : (items as TaskInsert[]);
  }

  async #claim(
    params: p.DequeueParams,
    dequeue: (claim: DequeueHookParams) => Promise<DequeueHookResult>,
  ): Promise<p.DequeueResult> {
    if (params.queues) return this.#claimFrom(params.queues, params, dequeue);
    const isFresh = this.#queues.isFresh();
    if (!isFresh) this.#queues.learn(await this.#queueNames());
    const known = this.#queues.inTurn();
    const claimed = await this.#claimFrom(limited(known, params.limit), params, dequeue);
    const [first] = claimed.tasks;
    if (first) this.#queues.found(known.indexOf(first.record.queue));
    // What it has brought need not wait for another look: the next claim that brings nothing takes it.
    if (!isFresh || first) return claimed;
    // There may be tasks of queues that have come up since the names were read.
    const names = await this.#queueNames();
    this.#queues.learn(names);
    const before = new Set(known);
    const since = names.filter((name) => !before.has(name));
    return since.length === 0 ? claimed : this.#claimFrom(limited(since, params.limit), params, dequeue);
  }

  async #claimFrom(
    queues: readonly p.QueueLimit[],
    params: p.DequeueParams,
    dequeue: (claim: DequeueHookParams) => Promise<DequeueHookResult>,
  ): Promise<p.DequeueResult> {
    const tasks: p.ClaimedTask[] = [];
    let now = this.storeNow();
    try {
      for (let from = 0; from < queues.length && tasks.length < params.limit; from += QUEUES_A_CALL)
        now = await this.#claimInto(tasks, queues.slice(from, from + QUEUES_A_CALL), params, dequeue);
    } catch (error) {
      // What is claimed already is handed out: the next claim meets the failure, if it lasts.
      if (tasks.length === 0) throw error;
    }
    return { now, tasks };
  }

  /** Adds to `tasks` what these queues have. Answers the store's now. */
  async #claimInto(
    tasks: p.ClaimedTask[],
    queues: readonly p.QueueLimit[],
    { limit, workerId, leaseMs }: p.DequeueParams,
    dequeue: (claim: DequeueHookParams) => Promise<DequeueHookResult>,
  ): Promise<number> {
    let now = this.storeNow();
    const events = {
      claimed: isRecorded(TaskEventType.STARTED, this.eventLevel) ? TaskEventType.STARTED : null,
      recovered: isRecorded(TaskEventType.LEASE_LOST, this.eventLevel) ? TaskEventType.LEASE_LOST : null,
    };
    for (let round = 0; round < MAX_CLAIM_ROUNDS && tasks.length < limit; round++) {
      const deadline = this.#deadline();
      const answer = await dequeue({
        queues,
        limit: limit - tasks.length,
        workerId,
        leaseMs,
        deadline,
        events,
      });
      ({ now } = answer);
      this.setClock(now);
      // It claimed nothing, though it was not given up: our clock was behind.
      if (deadline !== null && now > deadline) continue;
      const { handOut, exhausted } = claimedTasks(answer);
      tasks.push(...handOut);
      if (exhausted.length === 0) break;
      await this.#endExhausted(exhausted, now);
    }
    return now;
  }

  #deadline(): number | null {
    const { timeoutMs } = this.adapter;
    return timeoutMs === undefined ? null : this.storeNow() + timeoutMs;
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
      return this.prepareSettlement({ task, outcome: { kind: "fail", error } });
    });
    await this.doWrite(writesOf(writes));
    for (const { record } of exhausted) this.changed(record.id);
  }

  async #queueNames(): Promise<readonly string[]> {
    return (await this.doListQueues()).filter((queue) => !queue.paused).map((queue) => queue.name);
  }
}

function limited(names: readonly string[], limit: number): p.QueueLimit[] {
  return names.map((name) => ({ name, limit }));
}

/** A group with an item that is not valid: none of it is stored. */
class GroupRefusal {
  readonly answers: readonly p.EnqueueAnswer[];

  constructor(items: readonly (TaskInsert | Error)[]) {
    this.answers = items.map((item) => ({
      status: "error",
      error: item instanceof Error ? item : groupRefused(),
    }));
  }
}

function groupRefused(): StorageError {
  return new StorageError("group_refused", "Not stored, because another task of its group was refused");
}

function checkDequeue(params: p.DequeueParams, maxIdBytes: number): void {
  checkObject(params, "params");
  checkInteger(params.limit, "limit", 0, MAX_BATCH);
  checkText(params.workerId, "workerId", maxIdBytes);
  checkSpan(params.leaseMs, "lease", 1);
  if (params.queues !== undefined) checkArray(params.queues, "queues");
  for (const queue of params.queues ?? []) {
    checkObject(queue, "queue");
    checkText(queue.name, "queue", maxIdBytes);
    checkInteger(queue.limit, "limit", 0, MAX_BATCH);
  }
}

function prepareRenewal(renewal: p.Renewal, maxBytes: number): RenewHookItem | Error {
  try {
    const { lease, leaseMs, progress } = renewal;
    checkSpan(leaseMs, "lease", 1);
    checkText(lease.token, "token", MAX_TOKEN_BYTES);
    const text =
      progress === undefined
        ? null
        : withinBytes(new JsonSerializer().encode(progress, "progress"), "progress", maxBytes);
    return { id: lease.taskId, token: lease.token, leaseMs, progress: text };
  } catch (error) {
    return itemError(error, "renewal");
  }
}

function renewAnswer({ token }: RenewHookItem, answer: RenewHookAnswer | undefined): p.RenewAnswer {
  if (answer && "until" in answer) return { status: "renewed", until: answer.until };
  if (!answer?.current) return { status: "gone" };
  return { status: "lost", reason: lossReason(token, answer.current) };
}

function errorAnswer(error: Error): { readonly status: "error"; readonly error: Error } {
  return { status: "error", error };
}
