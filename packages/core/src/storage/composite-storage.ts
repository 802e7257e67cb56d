import { stateOf } from "../model/settlement.ts";
import type { EventInsert } from "../model/task-event.ts";
import { isFinished } from "../model/task-status.ts";
import type { TaskInsert, TaskWrite } from "../model/task-write.ts";
import { BaseStorage } from "./base-storage.ts";
import type { Capabilities } from "./capabilities.ts";
import { checkOptions } from "./checks.ts";
import { CONTRACT_VERSION } from "./contract-version.ts";
import type * as h from "./hooks.ts";
import { isStorage } from "./is-storage.ts";
import { type JoinedHooks, hooksOf } from "./joined-hooks.ts";
import { MAX_PAGE } from "./limits.ts";
import type { EventPage, QueueInfo, TaskCount, Watch } from "./params.ts";
import { PendingResults, type Settlement } from "./pending-results.ts";

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
 * aside before its run is settled and confirmed after it; events come last, at least once. Closing it closes all of them.
 */
export class CompositeStorage extends BaseStorage {
  readonly #stores: readonly BaseStorage[];
  readonly #of: Required<CompositeStorageOptions>;
  readonly #tasks: JoinedHooks;
  readonly #results: JoinedHooks;
  /** Null where tasks and results are in one store, which writes both in one step. */
  readonly #pending: PendingResults | null;
  readonly #splitsEvents: boolean;

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
        capabilities: capabilitiesOf(tasks, results, events),
      },
      { serializer, events: eventLevel, clock: hooksOf(tasks).clock },
    );
    this.#of = { tasks, results, events };
    this.#stores = [...new Set([tasks, results, events])];
    this.#tasks = hooksOf(tasks);
    this.#results = hooksOf(results);
    this.#pending = results === tasks ? null : new PendingResults(this.#tasks, this.#results);
    this.#splitsEvents = events !== tasks;
  }

  protected async doOpen(): Promise<void> {
    await Promise.all(this.#stores.map((store) => store.open()));
    this.setClock((await this.#of.tasks.nextDue({ queues: [] })).now);
  }

  protected async doClose(): Promise<void> {
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
    const isCreated = (group: number, item: number): boolean =>
      stored.groups[group]?.[item]?.status === "created" &&
      !stored.groups[group].some(({ status }) => status === "duplicate");
    await this.#append(
      groups.flatMap((group, index) =>
        group.flatMap(({ event }, item) => (event && isCreated(index, item) ? [event] : [])),
      ),
    );
    return stored;
  }

  protected async doDequeue(params: h.DequeueHookParams): Promise<h.DequeueHookResult> {
    if (!this.#splitsEvents) return this.#tasks.doDequeue(params);
    const found = await this.#tasks.doDequeue({ ...params, events: { claimed: null, recovered: null } });
    const { claimed, recovered } = params.events;
    const told = (
      type: EventInsert["type"] | null,
      tasks: readonly h.StoredTask[],
      before: number,
    ): EventInsert[] =>
      type === null
        ? []
        : tasks.map(({ id, run, attempts }) => {
            const workerId = before === 0 ? params.workerId : null;
            return { taskId: id, type, run, attempt: attempts - before, workerId, data: null };
          });
    await this.#append([...told(recovered, found.recovered, 1), ...told(claimed, found.claimed, 0)]);
    return found;
  }

  protected async doWrite(writes: readonly TaskWrite[]): Promise<h.WriteHookResult> {
    const rows = this.#pending ? await this.#prepare(this.#pending, writes) : null;
    const born = await this.#eventsOfChildren(writes);
    const parted = writes.map((write) => this.#write(write, rows?.get(write.id) ?? null));
    const { now, answers } = await this.#tasks.doWrite(parted);
    for (const [index, write] of writes.entries()) {
      const answer = answers[index] as h.WriteAnswer;
      if (this.#pending) await this.#finish(this.#pending, write, answer);
      const events = [...write.events, ...(born[index] ?? [])];
      if (answer.written) await this.#append(events);
      else if (isRepeated(write, answer)) await this.#appendMissing(events);
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
    event: this.#splitsEvents ? null : insert.event,
    clearsResults: this.#pending === null && insert.clearsResults,
  });

  /** What the store of the tasks is given of a write. A row that goes stays until its result is confirmed. */
  #write(write: TaskWrite, row: h.StoredTask | null): TaskWrite {
    const { result, dropResults, state } = write;
    const parted = {
      ...write,
      events: this.#splitsEvents ? [] : write.events,
      enqueue: write.enqueue.map(this.#insert),
    };
    if (!this.#pending) return { ...parted, result, dropResults };
    const ended =
      state === null && result && row
        ? ({ ...stateOf(row), status: "SUCCESS", error: null } as const)
        : state;
    return { ...parted, result: null, dropResults: null, state: ended };
  }

  /** Puts results aside. Before a run is followed by another, or its row goes, the one before is confirmed. */
  async #prepare(
    pending: PendingResults,
    writes: readonly TaskWrite[],
  ): Promise<ReadonlyMap<string, h.StoredTask>> {
    const rows = new Map<string, h.StoredTask>();
    const prepare = async (write: TaskWrite): Promise<void> => {
      const { id, state, result } = write;
      const row = state === null || state.run > 1 ? await this.#tasks.doGetTask(id) : null;
      if (row) {
        rows.set(id, row);
        await pending.confirm(row);
      }
      const settlement = settlementOf(write);
      if (result && settlement) await pending.put(settlement, result);
    };
    await Promise.all(writes.map(prepare));
    return rows;
  }

  /** The events of the tasks that each write is going to create; those that are there already have had theirs. */
  async #eventsOfChildren(writes: readonly TaskWrite[]): Promise<readonly (readonly EventInsert[])[]> {
    const eventOf = async ({ id, event }: TaskInsert): Promise<readonly EventInsert[]> =>
      event && this.#splitsEvents && !(await this.#tasks.doGetTask(id)) ? [event] : [];
    return Promise.all(
      writes.map(async ({ enqueue }) => (await Promise.all(enqueue.map((child) => eventOf(child)))).flat()),
    );
  }

  async #finish(pending: PendingResults, write: TaskWrite, answer: h.WriteAnswer): Promise<void> {
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
    } else if (result && isRepeated(write, answer)) await pending.repeat(answer.current, result);
    const settlement = settlementOf(write);
    if (!result || !settlement) return;
    await pending.drop(settlement);
    if (state === null) await this.#remove(settlement);
  }

  /** Removes the row of a run whose result is confirmed, unless somebody has begun another run of it. */
  async #remove({ id, token, digest }: Settlement): Promise<void> {
    const row = await this.#tasks.doGetTask(id);
    if (row?.settledToken !== token || row.settledDigest !== digest || !isFinished(row.status)) return;
    const write: TaskWrite = {
      id,
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

  /** A settlement that is repeated may have lost its events the first time. */
  async #appendMissing(events: readonly EventInsert[]): Promise<void> {
    if (!this.#splitsEvents) return;
    for (const event of events) if (!(await this.#isKept(event))) await this.#append([event]);
  }

  async #isKept({ taskId, type, run, attempt }: EventInsert): Promise<boolean> {
    for (let cursor: string | null = null; ;) {
      const page: EventPage = await this.#of.events.queryEvents({ taskId, type, cursor, limit: MAX_PAGE });
      if (page.events.some((kept) => kept.run === run && kept.attempt === attempt)) return true;
      if (page.cursor === null) return false;
      cursor = page.cursor;
    }
  }

  async #append(events: readonly EventInsert[]): Promise<void> {
    if (this.#splitsEvents && events.length > 0) await this.#of.events.appendEvents(events);
  }
}

/** What the row will say of a settlement; null for an operator's write. */
function settlementOf({ id, guard }: TaskWrite): Settlement | null {
  return "token" in guard ? { id, token: guard.token, digest: guard.outcomeDigest } : null;
}

/** Whether a settlement that was refused had been made before, and its answer lost. */
function isRepeated(
  write: TaskWrite,
  answer: h.WriteAnswer,
): answer is { readonly written: false; readonly current: h.StoredTask } {
  const settlement = settlementOf(write);
  if (answer.written || !settlement || !answer.current) return false;
  const { settledToken, settledDigest } = answer.current;
  return settledToken === settlement.token && settledDigest === settlement.digest;
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
