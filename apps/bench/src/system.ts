/** The kinds of stores that are measured, in the order of the page. */
export const STORES = ["sqlite", "postgres", "redis", "file"] as const;

export type Store = (typeof STORES)[number];

/** Where one measurement keeps its tasks. Nothing is in it at first. */
export interface Place {
  readonly store: Store;
  /** A folder of its own. */
  readonly folder: string;
  /** A database of Postgres of its own, or a server of Redis that holds nothing; empty for the other stores. */
  readonly url: string;
}

/** How a system is set up for one measurement. */
export interface Variant {
  /** Whether finished tasks stay in the store, with their results. */
  readonly keeps: boolean;
  /** How many tasks a worker may take from the store ahead of its slots; null for the system's default. */
  readonly batch: number | null;
  /** Whether tasks come one by one, and what counts is how soon each is noticed. */
  readonly isIdle: boolean;
}

export interface Payload {
  readonly n: number;
}

/** A queue, or bare code on a driver, that the workloads are run against. */
export interface System {
  /** What of its settings matters to the figures. */
  readonly settings: string;
  /** Opens it. Several processes may have the same place open. */
  open(place: Place, variant: Variant): Promise<Session>;
}

/** One system, open. */
export interface Session {
  /** Enqueues one task; resolves when the system says that it is stored. */
  add(payload: Payload): Promise<unknown>;
  /** Enqueues many tasks in as few steps as the system can. */
  addMany(payloads: readonly Payload[]): Promise<unknown>;
  /** Begins to run tasks. Bare code has `drain` in place of it. */
  work?(options: WorkOptions): Promise<Worker>;
  /** Takes and settles so many tasks, so many in a step. */
  drain?(total: number, concurrency: number): Promise<unknown>;
  /** How many tasks the store itself says are waiting, and how many have succeeded and were kept. */
  counts(): Promise<Counts>;
  close(): Promise<unknown>;
}

export interface Counts {
  readonly waiting: number;
  readonly succeeded: number;
}

interface WorkOptions {
  /** How many tasks run at once. */
  readonly concurrency: number;
  /** Called with each task. */
  readonly run: (payload: Payload) => void | Promise<void>;
}

export interface Worker {
  /** Resolves when every task that has run is settled in the store, and `count` tasks have run. */
  settled(count: number): Promise<unknown>;
  stop(): Promise<unknown>;
}
