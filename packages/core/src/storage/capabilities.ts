/** What a store can do, as data. Every flag is a promise that the test kit checks, and so is its absence. */
export interface Capabilities {
  /** What was acknowledged is there when the store is opened again. */
  readonly durable: boolean;
  /** Several processes of one host may use it at once. */
  readonly multiProcess: boolean;
  /** Processes of several hosts may. */
  readonly multiHost: boolean;
  /** It is reached over a wire, so replies can be lost. */
  readonly remote: boolean;
  /** Its own clock decides what is due; else the clock of the process does. */
  readonly serverTime: boolean;
  /** `watch` gives hints that something may be due in another process too. */
  readonly wakeup: boolean;
  /** Tasks of one queue and priority come strictly by due time and enqueue order. */
  readonly strictOrder: boolean;
  /** A group of tasks is stored whole or not at all. */
  readonly batchAtomic: boolean;
  /** Events are written in the step that they tell of. */
  readonly eventsTransactional: boolean;
  /** Events are found by task, type and time without a scan. */
  readonly eventsIndexed: boolean;
  /** Tasks can be enqueued within a transaction of the application. */
  readonly transactions: boolean;
  /** What was acknowledged survives a crash of the store's server. */
  readonly survivesServerCrash: boolean;
  /** What was acknowledged survives the loss of power. */
  readonly survivesPowerLoss: boolean;
  /** The finest step of time that it keeps, in milliseconds. */
  readonly timePrecisionMs: number;
  /** The longest payload or result, and the longest headers and progress, in bytes of UTF-8 once serialized. */
  readonly maxPayloadBytes: number;
  /** The longest id, queue name, task name or key, in bytes of UTF-8. */
  readonly maxIdBytes: number;
}

/** What a store that declares nothing is taken for. A capability added later is added here, as absent. */
export const DEFAULT_CAPABILITIES: Capabilities = {
  durable: false,
  multiProcess: false,
  multiHost: false,
  remote: false,
  serverTime: false,
  wakeup: false,
  strictOrder: false,
  batchAtomic: false,
  eventsTransactional: false,
  eventsIndexed: false,
  transactions: false,
  survivesServerCrash: false,
  survivesPowerLoss: false,
  timePrecisionMs: 1,
  maxPayloadBytes: 4 * 1024 * 1024,
  maxIdBytes: 255,
};
