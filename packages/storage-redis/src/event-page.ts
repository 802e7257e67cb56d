import type * as h from "@omniq/core/storage";
import { unpackEvent } from "./row-codec.ts";

/** As Redis answers an entry of the stream of events. */
export type StreamEntry = readonly [id: string, fields: readonly [name: string, event: string]];

/** How many events one page looks at, whether or not they fit what is asked for. */
const LOOKED_AT = 10_000;
const STEP = 1000;

/** A page of events, from a stream that knows no filter. `read` gives at most so many entries after a sequence. */
export async function eventPage(
  params: h.EventsHookParams,
  read: (after: number, count: number) => Promise<readonly StreamEntry[]>,
): Promise<h.EventsHookResult> {
  const events: h.EventRecord[] = [];
  let last = Number(params.cursor ?? 0);
  for (let looked = 0; looked < LOOKED_AT; looked += STEP) {
    const entries = await read(last, STEP);
    for (const [id, [, text]] of entries) {
      last = Number.parseInt(id);
      const event = unpackEvent(last, text);
      if (!event || !isWanted(event, params)) continue;
      if (events.length === params.limit) return { events, cursor: String(events.at(-1)?.sequence) };
      events.push(event);
    }
    if (entries.length < STEP) return { events, cursor: null };
  }
  return { events, cursor: String(last) };
}

function isWanted(event: h.EventRecord, { taskId, type, workerId, from, to }: h.EventsHookParams): boolean {
  return (
    (taskId === null || event.taskId === taskId) &&
    (type === null || event.type === type) &&
    (workerId === null || event.workerId === workerId) &&
    (from === null || event.timestamp >= from) &&
    (to === null || event.timestamp < to)
  );
}
