import type { TaskEventType } from "@omniq/core";
import {
  EVENT_OF,
  MAX_RECOVERIES,
  type ModelLease,
  type ModelOutcome,
  type ModelTask,
  type OperatorCall,
  newModelTask,
} from "./model-task.ts";

/**
 * What a store must do, in the fewest words: the state table of docs/contract.md over plain maps. Each task is alone
 * in the queue of its name. It shares no code with core, so that a mistake there is not repeated here.
 */
export class ReferenceModel {
  now: number;
  readonly tasks = new Map<string, ModelTask>();
  readonly results = new Map<string, Map<number, string>>();
  readonly events = new Map<string, TaskEventType[]>();
  readonly paused = new Set<string>();
  #leases = 0;

  constructor(now: number) {
    this.now = now;
  }

  enqueue(id: string, content: string, dueInMs: number, everyMs: number | null = null): string {
    const found = this.tasks.get(id);
    if (found) return found.content === content ? "existing" : "duplicate";
    this.tasks.set(id, newModelTask(id, content, this.now + dueInMs, everyMs));
    this.results.delete(id);
    this.#tell(id, "enqueued");
    return "created";
  }

  /** Claims from the queues of these ids; answers the ids handed out, in order, and whether each was taken over. */
  claim(ids: readonly string[], limit: number, leaseMs: number): { id: string; recovered: boolean }[] {
    const handedOut: { id: string; recovered: boolean }[] = [];
    for (const id of ids) {
      const task = this.tasks.get(id);
      if (!task || handedOut.length >= limit || this.paused.has(id)) continue;
      const recovered = task.status === "RUNNING" && (task.leaseUntil ?? 0) <= this.now;
      const due = task.status === "PENDING" && task.holds.size === 0 && task.eta <= this.now;
      if (!recovered && !due) continue;
      if (recovered) task.recoveries++;
      task.lease = { id, number: ++this.#leases };
      this.#tell(id, recovered ? "lease_lost" : "started");
      if (task.recoveries > MAX_RECOVERIES) {
        this.settle(task.lease, { kind: "fail", key: "lease_expired" });
        continue;
      }
      task.status = "RUNNING";
      task.attempts++;
      task.leaseUntil = this.now + leaseMs;
      handedOut.push({ id, recovered });
    }
    return handedOut;
  }

  settle(lease: ModelLease, outcome: ModelOutcome): string {
    const task = this.tasks.get(lease.id);
    if (!task) return "gone";
    if (task.settled?.lease === lease) return task.settled.key === outcome.key ? "repeated" : "conflict";
    if (task.lease !== lease) return this.#lost(task, lease);
    task.settled = { lease, key: outcome.key };
    this.#endLease(task);
    if (outcome.kind === "complete" || outcome.kind === "fail") this.#end(task, outcome);
    else {
      task.status = "PENDING";
      if (outcome.kind === "release") task.attempts--;
      else {
        task.failures++;
        task.failed = true;
      }
      if (outcome.inMs !== undefined) task.eta = this.now + outcome.inMs;
    }
    this.#tell(task.id, EVENT_OF[outcome.kind]);
    return "settled";
  }

  renew(lease: ModelLease, leaseMs: number): string {
    const task = this.tasks.get(lease.id);
    if (!task) return "gone";
    if (task.lease !== lease) return this.#lost(task, lease);
    task.leaseUntil = Math.max(task.leaseUntil ?? 0, this.now + leaseMs);
    return `renewed ${task.leaseUntil - this.now}`;
  }

  /** An operator's call; answers `done`, `unchanged`, or how it is refused. */
  operate(call: OperatorCall, id: string, detail: { eta?: number; reason?: string } = {}): string {
    const task = this.tasks.get(id);
    if (!task) return "not_found";
    const { status } = task;
    const live = status === "PENDING" || status === "RUNNING";
    switch (call) {
      case "reschedule":
        if (status === "FAILED") this.results.get(id)?.delete(task.run);
        this.#revive(task, detail.eta ?? this.now, status === "SUCCESS" || status === "CANCELLED");
        break;
      case "cancel":
        if (!live) return "unchanged";
        this.#endLease(task);
        task.status = "CANCELLED";
        task.finishedAt = this.now;
        break;
      case "retryTask":
        if (status !== "FAILED" && status !== "CANCELLED") return "invalid_transition";
        this.#revive(task, this.now, true);
        break;
      case "hold":
      case "unhold":
        if (status !== "PENDING") return "invalid_transition";
        if (task.holds.has(detail.reason ?? "") === (call === "hold")) return "unchanged";
        if (call === "hold") task.holds.add(detail.reason ?? "");
        else task.holds.delete(detail.reason ?? "");
        break;
      case "deleteTask":
      case "deleteTask by force":
        if (status === "RUNNING" && call === "deleteTask") return "invalid_transition";
        this.tasks.delete(id);
        this.results.delete(id);
        break;
    }
    this.#tell(id, EVENT_OF[call]);
    return "done";
  }

  schedule(id: string, content: string, everyMs: number): string {
    const task = this.tasks.get(id);
    if (!task) return this.enqueue(id, content, 0, everyMs);
    if (task.content === content || task.status === "CANCELLED") return "unchanged";
    if (task.status !== "RUNNING") this.#revive(task, this.now, task.status !== "PENDING");
    Object.assign(task, { content, everyMs, version: task.version + 1 });
    this.#tell(id, "scheduled");
    return "updated";
  }

  /** Removes tasks that ended before now; their results stay. */
  purge(): number {
    const ended = [...this.tasks.values()].filter(
      ({ finishedAt }) => finishedAt !== null && finishedAt < this.now,
    );
    for (const { id } of ended) this.tasks.delete(id);
    return ended.length;
  }

  /** When a claim could next find something in the queues that are not paused. */
  nextDue(): number | null {
    const instants = [...this.tasks.values()]
      .filter(({ id }) => !this.paused.has(id))
      .flatMap(({ status, holds, eta, leaseUntil }) => {
        if (status === "RUNNING") return leaseUntil ?? [];
        return status === "PENDING" && holds.size === 0 ? eta : [];
      });
    return instants.length === 0 ? null : Math.min(...instants);
  }

  #end(task: ModelTask, { kind, key }: ModelOutcome): void {
    const runs = this.results.get(task.id) ?? new Map<number, string>();
    this.results.set(task.id, runs.set(task.run, key));
    if (task.everyMs !== null) return this.#revive(task, this.now + task.everyMs, true);
    task.status = kind === "complete" ? "SUCCESS" : "FAILED";
    task.finishedAt = this.now;
    task.failed = kind === "fail";
    if (kind === "fail") task.failures++;
  }

  /** Waiting again, perhaps as a new run. */
  #revive(task: ModelTask, eta: number, newRun: boolean): void {
    this.#endLease(task);
    Object.assign(task, { status: "PENDING", eta, finishedAt: null });
    if (newRun)
      Object.assign(task, { run: task.run + 1, attempts: 0, failures: 0, recoveries: 0, failed: false });
  }

  #endLease(task: ModelTask): void {
    task.lease = null;
    task.leaseUntil = null;
  }

  #lost({ status, settled }: ModelTask, lease: ModelLease): string {
    if (status === "CANCELLED") return "lost cancelled";
    const takenOver = status === "RUNNING" || (settled !== null && settled.lease.number >= lease.number);
    return takenOver ? "lost taken_over" : "lost rescheduled";
  }

  #tell(id: string, type: TaskEventType): void {
    this.events.set(id, [...(this.events.get(id) ?? []), type]);
  }
}
