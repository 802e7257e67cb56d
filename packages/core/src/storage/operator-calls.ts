import { NotFoundError, StorageError } from "../errors/storage-error.ts";
import {
  type OperatorPlan,
  planCancel,
  planDelete,
  planHold,
  planPause,
  planReschedule,
  planRetry,
  planSchedule,
} from "../model/operator-plans.ts";
import { decodeTask } from "../model/record-codec.ts";
import { isRecorded } from "../model/task-event.ts";
import { TASK_STATUSES } from "../model/task-status.ts";
import type { Task } from "../model/task.ts";
import {
  checkArray,
  checkInstant,
  checkInteger,
  checkObject,
  checkOneOf,
  checkOptions,
  checkText,
} from "./checks.ts";
import { openCursor, sealCursor } from "./cursors.ts";
import type { TaskStorage } from "./facets.ts";
import { QUEUES_A_CALL } from "./known-queues.ts";
import { MAX_BATCH, MAX_PAGE, MAX_PRIORITY, MAX_TRIES, MIN_PRIORITY } from "./limits.ts";
import type * as p from "./params.ts";
import type { StorageCall } from "./storage-failure.ts";
import { WorkerCalls } from "./worker-calls.ts";

/** The calls of people and applications about one task, or about all: they carry no token. */
export abstract class OperatorCalls extends WorkerCalls implements TaskStorage {
  /** The task, or null where there is none of this id. */
  getTask(taskId: string): Promise<Task | null> {
    return this.callFor("getTask", taskId, async () => {
      const stored = await this.doGetTask(taskId);
      return stored && decodeTask(stored, this.serializer);
    });
  }

  /** Due at `newEta`, whatever the task did before. A holder's lease is void. @throws NotFoundError */
  reschedule(taskId: string, newEta: Date): Promise<void> {
    return this.callFor("reschedule", taskId, async () => {
      const eta = newEta instanceof Date ? newEta.getTime() : newEta;
      checkInstant(eta, "eta");
      await this.#operate(taskId, planReschedule(eta));
      await this.notify();
    });
  }

  /** Ends a waiting or running task; false where it had ended already. @throws NotFoundError */
  cancel(taskId: string): Promise<boolean> {
    return this.callFor("cancel", taskId, () => this.#operate(taskId, planCancel));
  }

  /** A new run, due now, of a task that failed or was cancelled. @throws NotFoundError, InvalidTransitionError */
  retryTask(taskId: string): Promise<void> {
    return this.callFor("retryTask", taskId, async () => {
      await this.#operate(taskId, planRetry);
      await this.notify();
    });
  }

  /** Removes the task; a running one only with `force`. @throws NotFoundError, InvalidTransitionError */
  deleteTask(taskId: string, options: { readonly force?: boolean } = {}): Promise<void> {
    return this.callFor("deleteTask", taskId, async () => {
      checkOptions(options, ["force"], "deleteTask");
      await this.#operate(taskId, planDelete(options.force === true));
    });
  }

  /** One reason why the waiting task must not be claimed. @throws NotFoundError, InvalidTransitionError */
  hold(taskId: string, reason: string): Promise<void> {
    return this.callFor("hold", taskId, async () => {
      checkText(reason, "reason", this.capabilities.maxIdBytes);
      await this.#operate(taskId, planHold("hold", reason));
    });
  }

  /** Takes a reason away again. @throws NotFoundError, InvalidTransitionError */
  unhold(taskId: string, reason: string): Promise<void> {
    return this.callFor("unhold", taskId, async () => {
      checkText(reason, "reason", this.capabilities.maxIdBytes);
      await this.#operate(taskId, planHold("unhold", reason));
      await this.notify();
    });
  }

  /** Declares a recurring task under its id: creates it, updates it, or leaves it as it is. */
  schedule(task: p.NewTask & { readonly id: string }): Promise<p.ScheduleResult> {
    return this.callFor("schedule", task?.id, async () => {
      const insert = this.prepare(task);
      const created = await this.doEnqueue({ groups: [[insert]] });
      this.setClock(created.now);
      const status = created.groups[0]?.[0]?.status;
      const updated = status === "duplicate" && (await this.#operate(task.id, planSchedule(insert)));
      if (status === "created" || updated) await this.notify(!updated && created.isAnnounced);
      return { id: task.id, status: status === "created" ? "created" : updated ? "updated" : "unchanged" };
    });
  }

  /** The runs to come of a recurring task wait; a run in progress goes on. @throws NotFoundError, InvalidTransitionError */
  pauseSchedule(taskId: string): Promise<void> {
    return this.callFor("pauseSchedule", taskId, async () => {
      await this.#operate(taskId, planPause(true));
    });
  }

  /** The runs to come of a recurring task wait no longer. @throws NotFoundError, InvalidTransitionError */
  resumeSchedule(taskId: string): Promise<void> {
    return this.callFor("resumeSchedule", taskId, async () => {
      await this.#operate(taskId, planPause(false));
      await this.notify();
    });
  }

  listTasks(params: p.ListTasksParams = {}): Promise<p.TaskPage> {
    return this.call("listTasks", null, async () => {
      checkOptions(params, ["queue", "status", "name", "cursor", "limit"], "listTasks");
      const { queue = null, status = null, name = null, cursor = null, limit = 100 } = params;
      checkInteger(limit, "limit", 1, MAX_PAGE);
      if (status !== null) checkOneOf(status, "status", TASK_STATUSES);
      this.checkFilters({ queue, name });
      const from = openCursor("listTasks", cursor);
      const page = await this.doListTasks({ queue, status, name, cursor: from, limit });
      return { tasks: page.tasks, cursor: sealCursor("listTasks", page.cursor) };
    });
  }

  /** How many tasks there are, by queue and status; pairs without any are left out. */
  countTasks(): Promise<readonly p.TaskCount[]> {
    return this.call("countTasks", null, () => this.doCountTasks());
  }

  listQueues(): Promise<readonly p.QueueInfo[]> {
    return this.call("listQueues", null, () => this.doListQueues());
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
    return this.call("purge", null, async () => {
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
    return this.call("nextDue", null, async () => {
      checkOptions(params, ["queues"], "nextDue");
      if (params.queues !== undefined) checkArray(params.queues, "queues");
      const queues = params.queues ?? (await this.doListQueues()).map((queue) => queue.name);
      let now: number;
      let earliest = Infinity;
      let from = 0;
      do {
        const next = await this.doNextDue(queues.slice(from, from + QUEUES_A_CALL));
        ({ now } = next);
        earliest = Math.min(earliest, next.at ?? Infinity);
        from += QUEUES_A_CALL;
      } while (from < queues.length);
      this.setClock(now);
      return { now, at: earliest === Infinity ? null : earliest };
    });
  }

  /** Takes over whole tasks of another store. One whose id is present is left as it is. */
  importTasks(tasks: readonly p.ImportedTask[]): Promise<readonly ("created" | "existing")[]> {
    return this.call("importTasks", null, async () => {
      checkArray(tasks, "tasks");
      for (const task of tasks) {
        checkObject(task, "task");
        for (const field of ["id", "name", "queue"] as const) {
          checkText(task[field], field, this.capabilities.maxIdBytes);
        }
        checkInstant(task.eta, "eta");
        checkInteger(task.priority, "priority", MIN_PRIORITY, MAX_PRIORITY);
        checkOneOf(
          task.status,
          "status",
          TASK_STATUSES.filter((status) => status !== "RUNNING"),
        );
      }
      const answers = await this.doImportTasks(tasks);
      await this.notify();
      return answers;
    });
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
      this.setClock(now);
      if (answers[0]?.written) {
        this.changed(taskId);
        return true;
      }
    }
    throw new StorageError(
      "contention",
      `Task ${taskId} changed ${MAX_TRIES} times under the call; try again`,
      { retryable: true },
    );
  }

  #setQueuePaused(call: StorageCall, name: string, paused: boolean): Promise<void> {
    return this.call(call, name, async () => {
      checkText(name, "queue", this.capabilities.maxIdBytes);
      await this.doSetQueuePaused(name, paused);
      if (!paused) await this.notify();
    });
  }
}
