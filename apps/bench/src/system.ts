/** A queue, or bare code on a driver, that the workloads are run against. */
export interface System {
  readonly name: string;
  /** What of its settings matters to the figures. */
  readonly settings: string;
  /** Opens it on an empty folder. */
  open(folder: string): Promise<Session>;
}

/** One system, open. */
export interface Session {
  /** Enqueues one task; resolves when the system says that it is stored. */
  add(payload: { readonly n: number }): Promise<unknown>;
  /** Enqueues many tasks in as few steps as the system can. */
  addMany(payloads: readonly { readonly n: number }[]): Promise<unknown>;
  /** Runs all waiting tasks with a handler that does nothing, so many at once; resolves when `total` have run. */
  drain(total: number, concurrency: number): Promise<unknown>;
  /** How many tasks the store itself says are waiting, and how many have succeeded. */
  counts(): Promise<{ readonly waiting: number; readonly succeeded: number }>;
  close(): Promise<unknown>;
}
