import type { Place, Variant } from "./system.ts";

/** One piece of a measurement, done in a process of its own. The figures of the last step are the measurement's. */
export type Step =
  /** W1: tasks enqueued one at a time, each awaited, by so many callers. */
  | { readonly kind: "enqueue"; readonly total: number; readonly callers: number }
  /** W2: tasks enqueued in bulk calls of 1,000. */
  | { readonly kind: "bulk"; readonly total: number }
  /** Fills the store for the next step. */
  | { readonly kind: "fill"; readonly total: number }
  /** W3: all that waits, run by one worker. */
  | { readonly kind: "drain"; readonly total: number; readonly concurrency: number }
  /** W4: from the enqueue call to the first line of the handler in another process. */
  | { readonly kind: "latency"; readonly total: number }
  /** Fills the store with tasks that have finished, and tasks that wait. */
  | { readonly kind: "grow"; readonly waiting: number; readonly finished: number }
  /** W5: W3 for so many of those that wait. */
  | {
      readonly kind: "drain-some";
      readonly total: number;
      readonly waiting: number;
      readonly finished: number;
    }
  /** W6: bytes a task that waits, or that has finished. */
  | { readonly kind: "at-rest"; readonly total: number; readonly state: "waiting" | "finished" }
  /** W7: two workers, one of which is killed. */
  | { readonly kind: "crash"; readonly total: number; readonly leaseMs: number }
  /** W8: tasks of 1 ms that log a line, to a file or to nowhere. */
  | { readonly kind: "logging"; readonly total: number; readonly logs: boolean }
  /** W9: tasks enqueued one at a time while a worker in another process drains what waits. */
  | {
      readonly kind: "enqueue-beside";
      readonly total: number;
      readonly waiting: number;
      readonly concurrency: number;
    }
  /** Making TaskErrors and writing them as JSON. */
  | { readonly kind: "make-errors"; readonly total: number }
  /** Tasks that carry the error of a run that failed, or none. */
  | { readonly kind: "stored-errors"; readonly total: number; readonly withErrors: boolean }
  /** A worker made over a queue, or over a storage. */
  | { readonly kind: "worker-made-over"; readonly total: number; readonly over: "queue" | "storage" };

export interface Job {
  readonly system: string;
  readonly place: Place;
  readonly variant: Variant;
  readonly step: Step;
}

/** What was measured: rates are tasks a second. */
export interface Figures {
  readonly rate?: number;
  /** Milliseconds. */
  readonly p50?: number;
  readonly p99?: number;
  /** The most memory that the worker's process held, in MB of 1,000,000 bytes. */
  readonly peakRssMb?: number;
  readonly bytesPerTask?: number;
  /** From the kill until everything was done. */
  readonly seconds?: number;
  readonly lost?: number;
  readonly runTwice?: number;
  /** The mean of making a TaskError of an exception, and of writing it as JSON, in milliseconds. */
  readonly createMs?: number;
  readonly serializeMs?: number;
}
