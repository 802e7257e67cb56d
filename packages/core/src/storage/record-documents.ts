import type { EventRecord } from "../model/task-event.ts";
import type { ResultRecord } from "../model/task-result.ts";
import type { RecordPlace } from "./record-store.ts";
import type { SequencedTask } from "./rows.ts";

/**
 * All that belongs to one task, in one record, so that one compare-and-set changes status, result and error
 * together. Without a task it keeps the results of one that is gone.
 */
export interface TaskDocument {
  readonly task: SequencedTask | null;
  readonly results: readonly ResultRecord[];
}

/** A queue, and the priorities that tasks were ever enqueued with: a claim looks at each. */
export interface QueueDocument {
  readonly name: string;
  readonly paused: boolean;
  readonly priorities: readonly number[];
}

/** Which task holds a dedupe key. */
export interface DedupeDocument {
  readonly id: string;
  readonly createdAt: number;
  /** The task to be stored, so that whoever comes next can finish what was begun; null once it has been stored. */
  readonly begun: TaskDocument | null;
}

/** Records of each kind have keys of their own: an id is any text, so the kind comes first. */
export const keys = {
  task: (id: string): string => `task:${id}`,
  queue: (name: string): string => `queue:${name}`,
  dedupe: (key: string): string => `dedupe:${key}`,
  event: (sequence: number): string => `event:${ordinal(sequence)}`,
};

/** The id in the key of a task's record. */
export function taskIdOf(key: string): string {
  return key.slice(keys.task("").length);
}

/** The partitions that scans go through. */
export const partitions = {
  tasks: "tasks",
  queues: "queues",
  results: "results",
  events: "events",
  expiring: "expiring",
  finished: "finished",
  due: (queue: string, priority: number): string => `due:${priority}:${queue}`,
  leased: (queue: string): string => `leased:${queue}`,
  eventsOf: (taskId: string): string => `events:${taskId}`,
};

/** A number as text that sorts as the number does: instants, sequences, never negative. */
export function ordinal(value: number): string {
  return String(value).padStart(16, "0");
}

/** First by the instant, then by the order of enqueueing. */
function instantOrder(instant: number, sequence: number): string {
  return `${ordinal(instant)}.${ordinal(sequence)}`;
}

/** The end of a scan for everything that is due by an instant. */
export function dueBy(now: number): string {
  return `${ordinal(now)}.~`;
}

/** Where scans find a task: always in the order of enqueueing, and by what can happen to it next. */
export function placesOf({ task, results }: TaskDocument): RecordPlace[] {
  const places: RecordPlace[] = [];
  const expiries = results.flatMap(({ expiresAt }) => (expiresAt === null ? [] : [expiresAt]));
  if (expiries.length > 0)
    places.push({ partition: partitions.expiring, order: ordinal(Math.min(...expiries)) });
  const id = task?.id ?? results[0]?.taskId;
  if (results.length > 0 && id !== undefined) {
    places.push({ partition: partitions.results, order: encodeURIComponent(id) });
  }
  if (!task) return places;
  const { queue, priority, status, sequence, holds } = task;
  places.push({ partition: partitions.tasks, order: ordinal(sequence) });
  if (task.finishedAt !== null) {
    places.push({ partition: partitions.finished, order: instantOrder(task.finishedAt, sequence) });
  } else if (status === "RUNNING") {
    const order = instantOrder(task.leaseUntil as number, sequence);
    places.push({ partition: partitions.leased(queue), order });
  } else if (holds === null) {
    places.push({ partition: partitions.due(queue, priority), order: instantOrder(task.eta, sequence) });
  }
  return places;
}

export function eventPlaces({ sequence, taskId }: EventRecord): RecordPlace[] {
  const order = ordinal(sequence);
  return [
    { partition: partitions.events, order },
    { partition: partitions.eventsOf(taskId), order },
  ];
}
