import type { BaseStorage, QueryEventsParams } from "@omniq/core/storage";
import type { TaskEvent } from "@omniq/core";
import { expectSame, expectThat } from "../expect.ts";
import type { RuleContext } from "../rule-context.ts";
import { allEvents } from "./event-stories.ts";

/** What each filter of queryEvents answers, and every pair of them, is what a look through all events finds. */
export async function expectFiltersAgree({ store }: RuleContext): Promise<void> {
  const all = await allEvents(store);
  const filters = filtersOver(all);
  for (const [index, one] of filters.entries()) {
    for (const other of filters.slice(index)) {
      const params = { ...one, ...other };
      const wanted = all.filter((event) => matches(event, params));
      const { events } = await store.queryEvents({ ...params, limit: 1000 });
      expectSame(events, wanted, `queryEvents with ${JSON.stringify(params)}`);
    }
  }
  for (const params of [{}, ...filters]) {
    const wanted = all.filter((event) => matches(event, params));
    expectSame(await inPages(store, params, 3), wanted, `pages of 3 with ${JSON.stringify(params)}`);
  }
}

function filtersOver(all: readonly TaskEvent[]): QueryEventsParams[] {
  const values = <Key extends "taskId" | "type" | "workerId">(key: Key): NonNullable<TaskEvent[Key]>[] => {
    return [...new Set(all.flatMap((event) => event[key] ?? []))] as NonNullable<TaskEvent[Key]>[];
  };
  const instants = [...new Set(all.map(({ timestamp }) => timestamp.getTime()))];
  return [
    ...[...values("taskId"), "missing"].map((taskId) => ({ taskId })),
    ...values("type").map((type) => ({ type })),
    ...[...values("workerId"), "nobody"].map((workerId) => ({ workerId })),
    ...instants.flatMap((instant) => [
      { from: instant },
      { to: new Date(instant) },
      { from: instant, to: instant + 1 },
    ]),
  ];
}

function matches(event: TaskEvent, { taskId, type, workerId, from, to }: QueryEventsParams): boolean {
  const at = event.timestamp.getTime();
  return (
    (taskId === undefined || event.taskId === taskId) &&
    (type === undefined || event.type === type) &&
    (workerId === undefined || event.workerId === workerId) &&
    (from === undefined || at >= Number(from)) &&
    (to === undefined || at < Number(to))
  );
}

async function inPages(store: BaseStorage, params: QueryEventsParams, limit: number): Promise<TaskEvent[]> {
  const events: TaskEvent[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.queryEvents({ ...params, cursor, limit });
    expectThat(page.events.length <= limit, `queryEvents with limit ${limit} answered ${page.events.length}`);
    events.push(...page.events);
    cursor = page.cursor;
  } while (cursor !== null);
  return events;
}
