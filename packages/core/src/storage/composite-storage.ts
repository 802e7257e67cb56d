import { stateOf } from "../model/settlement.ts";
import type { EventInsert } from "../model/task-event.ts";
import type { TaskInsert, TaskWrite } from "../model/task-write.ts";
import { BaseStorage } from "./base-storage.ts";
import type { Capabilities } from "./capabilities.ts";
import { checkOptions } from "./checks.ts";
import { CONTRACT_VERSION } from "./contract-version.ts";
import type * as h from "./hooks.ts";
import { isStorage } from "./is-storage.ts";
import { type JoinedHooks, hooksOf } from "./joined-hooks.ts";
import type { QueueInfo, TaskCount, Watch } from "./params.ts";
import { PendingResults } from "./pending-results.ts";
import { SeparateEvents } from "./separate-events.ts";

/** The stores that a composite joins. One may stand in several places. */
export interface CompositeStorageOptions {
  /** Keeps tasks and hands them out. What it says of time, order and waking holds for the whole. */
  readonly tasks: BaseStorage;
  /** Keeps how runs ended. Default: the store of the tasks. */
  readonly results?: BaseStorage;
  /** Keeps what happened. Default: the store of the tasks. */
  readonly events?: BaseStorage;
}

/**
 * Tasks, results and events in different stores. What the store of the tasks acknowledges is never lost: a result is put
 * aside before its run is settled and confirmed after it; events come last. While their store fails, settlements wait for
 * it, and everything else goes on. Closing it closes all of them.
 */
export class CompositeStorage extends BaseStorage {
  readonly #stores: readonly BaseStorage[];
  readonly #of: Required<CompositeStorageOptions>;
  readonly #tasks: JoinedHooks;
  readonly #results: JoinedHooks;
  /** Null where tasks and results are in one store, which writes both in one step. */
  readonly #pending: PendingResults | null;
  /** Null where tasks and events are in one store. */
  readonly #events: SeparateEvents | null;

  /** @throws TypeError where a part is no store; ValidationError for an option that does not exist */
  constructor(options: CompositeStorageOptions) {
    checkOptions(options, ["tasks", "results", "events"], "CompositeStorage");
    const { tasks, results = tasks, events = tasks } = options;
    for (const [part, store] of Object.entries({ tasks, results, events })) {
      if (!isStorage(store)) throw new TypeError(`'${part}' must be BaseStorage`);
    }
    const { serializer, eventLevel } = tasks;
    const names = [tasks, results, events].map(({ adapter }) => adapter.name).join("+");
    super(
      {
        name: `composite of ${names}`,
        version: CONTRACT_VERSION,
        timeoutMs: tasks.adapter.timeoutMs,
        capabilities: capabilitiesOf(tasks, results, events),
      },
      { serializer, events: eventLevel, clock: hooksOf(tasks).clock },
    );
    this.#of = { tasks, results, events };
    this.#stores = [...new Set([tasks, results, events])];
    this.#tasks = hooksOf(tasks);
    this.#results = hooksOf(results);
    this.#pending = results === tasks ? null : new PendingResults(this.#tasks, this.#results);
    this.#events = events === tasks ? null : new SeparateEvents(this.#tasks, events);
  }

  protected async doOpen(): Promise<void> {
    await Promise.all(this.#stores.map((store) => store.open()));
    this.setClock((await this.#of.tasks.nextDue({ queues: [] })).now);
  }

  protected async doClose(): Promise<void> {
    await this.#events?.close();
    await Promise.all(this.#stores.map((store) => store.close()));
  }

  protected async doDestroy(): Promise<void> {
    await Promise.all(this.#stores.map((store) => store.destroy()));
  }

  protected async doDescribe(): Promise<h.DescribeHookResult> {
    const parts = await Promise.all(this.#stores.map((store) => store.describe()));
    const prefixed = (
      part: (typeof parts)[number],
      values: Readonly<Record<string, string>>,
    ): [string, string][] => Object.entries(values).map(([key, value]) => [`${part.adapter}.${key}`, value]);
    return {
      durability: Object.fromEntries(parts.flatMap((part) => prefixed(part, part.durability))),
      versions: Object.fromEntries(parts.flatMap((part) => prefixed(part, part.versions))),
    };
  }

  protected async doEnqueue({ groups }: h.EnqueueHookParams): Promise<h.EnqueueHookResult> {
    const stored = await this.#tasks.doEnqueue({ groups: groups.map((group) => group.map(this.#insert)) });
    await this.#events?.enqueued(groups, stored.groups);
    return stored;
  }

  protected async doDequeue(params: h.DequeueHookParams): Promise<h.DequeueHookResult> {
    if (!this.#events) return this.#tasks.doDequeue(params);
    const found = await this.#tasks.doDequeue({ ...params, events: { claimed: null, recovered: null } });
    await this.#events.dequeued(params, found);
    return found;
  }

  protected async doWrite(writes: readonly TaskWrite[]): Promise<h.WriteHookResult> {
    const rows = await this.#pending?.prepare(writes);
    const ofChildren = await this.#events?.ofChildren(writes);
    const parted = writes.map((write) => this.#write(write, rows?.get(write.id) ?? null));
    const { now, answers } = await this.#tasks.doWrite(parted);
    for (const [index, write] of writes.entries()) {
      const answer = answers[index] as h.WriteAnswer;
      await this.#pending?.finish(write, answer);
      await this.#events?.finish(write, answer, ofChildren?.[index] ?? []);
    }
    return { now, answers };
  }

  protected doRenew(renewals: readonly h.RenewHookItem[]): Promise<h.RenewHookResult> {
    return this.#tasks.doRenew(renewals);
  }

  protected doGetTask(taskId: string): Promise<h.StoredTask | null> {
    return this.#tasks.doGetTask(taskId);
  }

  protected doListTasks({ queue, status, name, ...page }: h.ListHookParams): Promise<h.ListHookResult> {
    return this.#of.tasks.listTasks({
      ...page,
      ...(queue !== null && { queue }),
      ...(status !== null && { status }),
      ...(name !== null && { name }),
    });
  }

  protected doCountTasks(): Promise<readonly TaskCount[]> {
    return this.#of.tasks.countTasks();
  }

  protected doListQueues(): Promise<readonly QueueInfo[]> {
    return this.#of.tasks.listQueues();
  }

  protected doSetQueuePaused(name: string, paused: boolean): Promise<void> {
    const { tasks } = this.#of;
    return paused ? tasks.pauseQueue(name) : tasks.resumeQueue(name);
  }

  protected doPurge({ status, ...params }: h.PurgeHookParams): Promise<number> {
    return this.#of.tasks.purge({ ...params, ...(status !== null && { status }) });
  }

  protected doNextDue(
    queues: readonly string[],
  ): Promise<{ readonly now: number; readonly at: number | null }> {
    return this.#of.tasks.nextDue({ queues });
  }

  protected doImportTasks(tasks: readonly h.ImportedTask[]): Promise<readonly ("created" | "existing")[]> {
    return this.#of.tasks.importTasks(tasks);
  }

  protected doGetResult(key: h.ResultKey): Promise<h.ResultRecord | null> {
    return this.#pending ? this.#pending.get(key) : this.#results.doGetResult(key);
  }

  protected doPutResult(params: h.ResultHookParams): Promise<void> {
    return this.#results.doPutResult(params);
  }

  protected async doDeleteResult(key: h.ResultKey): Promise<boolean> {
    // What is not confirmed yet must not come back.
    const row = this.#pending && (await this.#tasks.doGetTask(key.taskId));
    if (row) await this.#pending?.confirm(row);
    return this.#results.doDeleteResult(key);
  }

  protected override doListResults(params: h.ListResultsHookParams): Promise<h.ListResultsHookResult> {
    return this.#of.results.listResults(params);
  }

  protected override doImportResults(results: readonly h.ResultRecord[]): Promise<void> {
    return this.#of.results.importResults(results);
  }

  protected override doImportEvents(events: readonly h.EventImport[]): Promise<void> {
    return this.#of.events.importEvents(events);
  }

  protected doPurgeResults(limit: number): Promise<number> {
    return this.#of.results.purgeResults({ limit });
  }

  protected doAppendEvents(events: readonly EventInsert[]): Promise<void> {
    return this.#of.events.appendEvents(events);
  }

  protected doQueryEvents(params: h.EventsHookParams): Promise<h.EventsHookResult> {
    return hooksOf(this.#of.events).doQueryEvents(params);
  }

  protected doPurgeEvents(before: number, limit: number): Promise<number> {
    return this.#of.events.purgeEvents({ before, limit });
  }

  protected override doNotify(): Promise<void> {
    return this.#tasks.doNotify();
  }

  protected override doWatch(onHint: () => void): Promise<Watch> {
    return this.#of.tasks.watch(onHint);
  }

  /** What the store of the tasks is given of a new task. */
  readonly #insert = (insert: TaskInsert): TaskInsert => ({
    ...insert,
    event: this.#events ? null : insert.event,
    clearsResults: this.#pending === null && insert.clearsResults,
  });

  /** What the store of the tasks is given of a write. A row that goes stays until its result is confirmed. */
  #write(write: TaskWrite, row: h.StoredTask | null): TaskWrite {
    const { result, dropResults, state } = write;
    const parted = {
      ...write,
      events: this.#events ? [] : write.events,
      enqueue: write.enqueue.map(this.#insert),
    };
    if (!this.#pending) return { ...parted, result, dropResults };
    const ended =
      state === null && result && row
        ? ({ ...stateOf(row), status: "SUCCESS", error: null } as const)
        : state;
    return { ...parted, result: null, dropResults: null, state: ended };
  }
}

/** What all of them can do, where it takes all of them. */
function capabilitiesOf(
  tasks: BaseStorage,
  results: BaseStorage,
  events: BaseStorage,
): Partial<Capabilities> {
  const all = [tasks, results, events].map(({ capabilities }) => capabilities);
  const every = (name: keyof Capabilities): boolean =>
    all.every((capabilities) => capabilities[name] === true);
  const isOne = tasks === results && tasks === events;
  const { serverTime, wakeup, strictOrder, batchAtomic } = tasks.capabilities;
  return {
    durable: every("durable"),
    multiProcess: every("multiProcess"),
    multiHost: every("multiHost"),
    remote: all.some(({ remote }) => remote),
    serverTime,
    wakeup,
    strictOrder,
    batchAtomic,
    eventsTransactional: isOne && tasks.capabilities.eventsTransactional,
    eventsIndexed: events.capabilities.eventsIndexed,
    survivesServerCrash: every("survivesServerCrash"),
    survivesPowerLoss: every("survivesPowerLoss"),
    timePrecisionMs: Math.max(...all.map(({ timePrecisionMs }) => timePrecisionMs)),
    maxPayloadBytes: Math.min(...all.map(({ maxPayloadBytes }) => maxPayloadBytes)),
    maxIdBytes: Math.min(...all.map(({ maxIdBytes }) => maxIdBytes)),
  };
}
