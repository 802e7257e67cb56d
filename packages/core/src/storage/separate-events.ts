import { messageOf } from "../errors/omniq-error.ts";
import type { EventInsert } from "../model/task-event.ts";
import type { TaskInsert, TaskWrite } from "../model/task-write.ts";
import { emitWarning } from "../ports/warning.ts";
import type { EventStorage } from "./facets.ts";
import type * as h from "./hooks.ts";
import type { JoinedHooks } from "./joined-hooks.ts";
import { MAX_PAGE } from "./limits.ts";
import type { EventPage } from "./params.ts";
import { isRepeated } from "./settlement-mark.ts";

/** So many events may wait for a store that fails; then the oldest are dropped. */
const MOST_OWED = 10_000;

/**
 * Events in another store than the tasks. They are written after what they tell of: those of a settlement at least once,
 * since it can be made again; others once their store takes them, unless this process ends before.
 */
export class SeparateEvents {
  readonly #tasks: JoinedHooks;
  readonly #events: EventStorage;
  /** What the store would not take. */
  #owed: readonly EventInsert[] = [];

  constructor(tasks: JoinedHooks, events: EventStorage) {
    this.#tasks = tasks;
    this.#events = events;
  }

  /** Tells of the tasks that were created. */
  async enqueued(
    groups: h.EnqueueHookParams["groups"],
    answers: h.EnqueueHookResult["groups"],
  ): Promise<void> {
    const isCreated = (group: number, item: number): boolean =>
      answers[group]?.[item]?.status === "created" &&
      !answers[group].some(({ status }) => status === "duplicate");
    await this.#tell(
      groups.flatMap((group, index) =>
        group.flatMap(({ event }, item) => (event && isCreated(index, item) ? [event] : [])),
      ),
    );
  }

  /** Tells of the tasks that were claimed, and of the leases that had lapsed. */
  async dequeued({ events, workerId }: h.DequeueHookParams, found: h.DequeueHookResult): Promise<void> {
    const told = (
      type: EventInsert["type"] | null,
      tasks: readonly h.StoredTask[],
      before: number,
    ): EventInsert[] =>
      type === null
        ? []
        : tasks.map(({ id, run, attempts }) => ({
            taskId: id,
            type,
            run,
            attempt: attempts - before,
            workerId: before === 0 ? workerId : null,
            data: null,
          }));
    await this.#tell([
      ...told(events.recovered, found.recovered, 1),
      ...told(events.claimed, found.claimed, 0),
    ]);
  }

  /** The events of the tasks that each write is going to create; those that are there already have had theirs. */
  async ofChildren(writes: readonly TaskWrite[]): Promise<readonly (readonly EventInsert[])[]> {
    const eventOf = async ({ id, event }: TaskInsert): Promise<readonly EventInsert[]> =>
      event && !(await this.#tasks.doGetTask(id)) ? [event] : [];
    return Promise.all(
      writes.map(async ({ enqueue }) => (await Promise.all(enqueue.map((child) => eventOf(child)))).flat()),
    );
  }

  /** Tells of a write, and of the tasks that it created. */
  async finish(write: TaskWrite, answer: h.WriteAnswer, ofChildren: readonly EventInsert[]): Promise<void> {
    const events = [...write.events, ...ofChildren];
    if (answer.written) await ("token" in write.guard ? this.#append(events) : this.#tell(events));
    // A settlement that is repeated may have lost its events the first time.
    else if (isRepeated(write, answer)) {
      for (const event of events) if (!(await this.#isKept(event))) await this.#append([event]);
    }
  }

  /** Tells once more of what the store would not take. */
  async close(): Promise<void> {
    await this.#tell([]);
  }

  /** Tells of what is done and must be answered whatever becomes of its events. Those that fail go with the next. */
  async #tell(events: readonly EventInsert[]): Promise<void> {
    const wereOwed = this.#owed.length > 0;
    const told = [...this.#owed, ...events];
    this.#owed = [];
    try {
      await this.#append(told);
    } catch (error) {
      this.#owed = [...told, ...this.#owed].slice(-MOST_OWED);
      if (!wereOwed) {
        const why = `Events could not be stored, and will be with those that follow: ${messageOf(error)}`;
        emitWarning("OMNIQ_EVENTS_DELAYED", why);
      }
    }
  }

  async #append(events: readonly EventInsert[]): Promise<void> {
    if (events.length > 0) await this.#events.appendEvents(events);
  }

  async #isKept({ taskId, type, run, attempt }: EventInsert): Promise<boolean> {
    for (let cursor: string | null = null; ;) {
      const page: EventPage = await this.#events.queryEvents({ taskId, type, cursor, limit: MAX_PAGE });
      if (page.events.some((kept) => kept.run === run && kept.attempt === attempt)) return true;
      if (page.cursor === null) return false;
      cursor = page.cursor;
    }
  }
}
