import type { BaseStorage, ClaimedTask, NewTask, SettleAnswer } from "@omniq/core/storage";
import type { OmniQError } from "@omniq/core";
import { expectSame, expectThat } from "../expect.ts";
import type { RuleContext } from "../rule-context.ts";
import { LEASE_MS, type Outcome, newTask } from "../steps.ts";
import { compareEvents, compareState } from "./compare.ts";
import { MAX_RECOVERIES, type ModelLease, type ModelOutcome, type OperatorCall } from "./model-task.ts";
import { ReferenceModel } from "./reference-model.ts";

/** What is compared after each call, beside its answer. */
export type Aspect = "states" | "tokens" | "events";

/** The ids that a history is about, in the order in which their queues are claimed from. */
export const IDS = ["a", "b", "c"] as const;

/** Contents of one-off tasks, with the delay that belongs to each. */
export const CONTENTS = { now: 0, soon: 5000 } as const;

interface HeldLease {
  readonly lease: ModelLease;
  readonly claimed: ClaimedTask;
  /** Whether the task was declared anew since it was claimed. */
  isOutdated(): boolean;
}

/** One outcome, for the store and for the model. */
export interface HistoryOutcome {
  readonly outcome: Outcome;
  readonly model: ModelOutcome;
}

/** A store and the model, side by side. Each call goes to both, and they must answer alike. */
export class History {
  readonly model: ReferenceModel;
  /** Every lease ever given, the latest last. */
  readonly leases: HeldLease[] = [];
  /** The last settlement that was asked for. */
  last: { readonly held: HeldLease; readonly outcome: HistoryOutcome } | null = null;
  readonly #context: RuleContext;
  readonly #aspect: Aspect;
  readonly #stores: readonly BaseStorage[];
  readonly #tokens = new Map<string, string>();
  #calls = 0;

  constructor(context: RuleContext, aspect: Aspect) {
    this.#context = context;
    this.#aspect = aspect;
    this.#stores = [context.store, context.connect()];
    this.model = new ReferenceModel(context.now);
  }

  /** Two instances take turns. */
  get store(): BaseStorage {
    return this.#stores[this.#calls++ % this.#stores.length] as BaseStorage;
  }

  get now(): number {
    return this.#context.now;
  }

  /** The leases that the model takes for current, the oldest first. */
  get current(): readonly HeldLease[] {
    return this.leases.filter(({ lease }) => this.model.tasks.get(lease.id)?.lease === lease);
  }

  /** A task of this id and content, alone in the queue of its name. */
  task(id: string, content: keyof typeof CONTENTS): NewTask & { readonly id: string } {
    const due = { inMs: CONTENTS[content] };
    return {
      ...newTask({ queue: id, payload: content, due, policies: { maxRecoveries: MAX_RECOVERIES } }),
      id,
    };
  }

  async advance(ms: number): Promise<void> {
    await this.#context.advance(ms);
    this.model.now = this.now;
  }

  async enqueueGroup(ids: readonly string[], content: keyof typeof CONTENTS): Promise<void> {
    const { groups } = await this.store.enqueue({ groups: [ids.map((id) => this.task(id, content))] });
    const answers = (groups[0] ?? []).map((answer) => {
      if (answer.status !== "error") return answer.status;
      const { code } = answer.error as OmniQError;
      return code === "duplicate_task" ? "duplicate" : code;
    });
    const refused = ids.some((id) => (this.model.tasks.get(id)?.content ?? content) !== content);
    const wanted = ids.map((id) => {
      if (!refused) return this.model.enqueue(id, content, CONTENTS[content]);
      return (this.model.tasks.get(id)?.content ?? content) === content ? "group_refused" : "duplicate";
    });
    expectSame(answers, wanted, `the answers to enqueue of ${ids.join(" and ")}`);
  }

  async claim(ids: readonly string[], limit: number): Promise<void> {
    const queues = ids.map((name) => ({ name, limit }));
    const { tasks } = await this.store.dequeue({ queues, limit, workerId: "worker", leaseMs: LEASE_MS });
    this.handedOut(tasks, ids, limit);
  }

  /** Compares what a claim handed out with what the model hands out, and remembers the leases. */
  handedOut(tasks: readonly ClaimedTask[], ids: readonly string[], limit: number): void {
    const wanted = this.model.claim(ids, limit, LEASE_MS);
    const found = tasks.map(({ record, recovered }) => ({ id: record.id, recovered }));
    const byId = <T extends { readonly id: string }>(items: readonly T[]): T[] =>
      items.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    expectSame(byId(found), byId(wanted), "the tasks that dequeue returned");
    for (const claimed of tasks) {
      const { taskId, token } = claimed.lease;
      const before = this.#tokens.get(taskId);
      if (this.#aspect === "tokens" && before !== undefined)
        expectThat(token > before, `task ${taskId}: the token ${token} follows ${before}`);
      this.#tokens.set(taskId, token);
      const task = this.model.tasks.get(taskId);
      const version = task?.version;
      this.leases.push({
        lease: task?.lease as ModelLease,
        claimed,
        isOutdated: () => task?.version !== version,
      });
    }
  }

  async settle(held: HeldLease, given: HistoryOutcome, child: string | null = null): Promise<void> {
    const enqueue = child === null ? [] : [this.task(child, "now")];
    const { answers } = await this.store.settle({
      settlements: [{ task: held.claimed, outcome: given.outcome, enqueue }],
    });
    this.settled(held, given, answers[0], child);
  }

  /** Compares the answer to a settlement with the model's. */
  settled(
    held: HeldLease,
    given: HistoryOutcome,
    answer: SettleAnswer | undefined,
    child: string | null = null,
  ): void {
    this.last = { held, outcome: given };
    const wanted = this.model.settle(held.lease, given.model);
    if (wanted === "settled" && child !== null) this.model.enqueue(child, "now", CONTENTS.now);
    const found = answer?.status === "lost" ? `lost ${answer.reason}` : answer?.status;
    expectSame(found, wanted, `the answer to ${given.model.kind} of ${held.lease.id}`);
  }

  async renew({ lease, claimed }: HeldLease, leaseMs: number): Promise<void> {
    const { answers } = await this.store.renew({ renewals: [{ lease: claimed.lease, leaseMs }] });
    const [answer] = answers;
    const found =
      answer?.status === "lost"
        ? `lost ${answer.reason}`
        : answer?.status === "renewed"
          ? `renewed ${answer.until - this.now}`
          : answer?.status;
    expectSame(found, this.model.renew(lease, leaseMs), `the answer to renew of ${lease.id}`);
  }

  async operate(call: OperatorCall, id: string, inMs = 0): Promise<void> {
    const eta = this.now + inMs;
    const reason = "a reason";
    const { store } = this;
    const made: Promise<unknown> =
      call === "reschedule"
        ? store.reschedule(id, new Date(eta))
        : call === "hold" || call === "unhold"
          ? store[call](id, reason)
          : call === "deleteTask by force"
            ? store.deleteTask(id, { force: true })
            : store[call](id);
    const found = await made.then(
      (answer) => (answer === false ? "unchanged" : "done"),
      (error: unknown) => (error as OmniQError).code,
    );
    const wanted = this.model.operate(call, id, { eta, reason });
    // hold and unhold answer alike whether or not they changed something.
    const same = found === wanted || (call.endsWith("hold") && found === "done" && wanted === "unchanged");
    expectThat(same, `${call} of ${id}: observed ${found}, expected ${wanted}`);
  }

  /** Compares what can be seen of every task with the model. */
  async look(after: string): Promise<void> {
    for (const id of IDS) {
      if (this.#aspect === "states") await compareState(this, id, after);
      if (this.#aspect === "events") await compareEvents(this, id, after);
    }
  }
}
