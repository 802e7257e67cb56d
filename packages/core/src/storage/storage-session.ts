import { decodePayload } from "../model/record-codec.ts";
import type { EventLevel } from "../model/task-event.ts";
import type { TaskRecord } from "../model/task-record.ts";
import type { TaskInsert } from "../model/task-write.ts";
import { JsonSerializer } from "../model/json-serializer.ts";
import { CLOCK_METHODS, type Clock, systemClock } from "../ports/clock.ts";
import { type IdSource, uuidV7 } from "../ports/ids.ts";
import type { Serializer } from "../ports/serializer.ts";
import { type Capabilities, DEFAULT_CAPABILITIES } from "./capabilities.ts";
import { Changes } from "./changes.ts";
import { checkRuntime } from "./check-runtime.ts";
import { checkFunction, checkMethods, checkOneOf, checkText } from "./checks.ts";
import { CONTRACT_VERSION } from "./contract-version.ts";
import { Lifecycle } from "./lifecycle.ts";
import type * as p from "./params.ts";
import { EncodedPayload } from "./encoded-payload.ts";
import { type PrepareContext, encodeValue, prepareTask } from "./prepare-task.ts";
import { checkHooks } from "./required-hooks.ts";
import type { StorageCall } from "./storage-failure.ts";
import { StorageHooks } from "./storage-hooks.ts";
import { WakeHints } from "./wake-hints.ts";

/** What every store can be configured with. */
export interface BaseStorageOptions {
  /** Default: JSON. */
  readonly serializer?: Serializer;
  /** The contract's clock, where the store has none of its own. Default: the machine's. */
  readonly clock?: Clock;
  /** Default: UUID version 7. */
  readonly ids?: IdSource;
  /** Which events are kept. Default `errors`. */
  readonly events?: EventLevel;
}

/** The names of {@link BaseStorageOptions}, for an adapter's own check of its options. */
export const BASE_STORAGE_OPTIONS = ["serializer", "clock", "ids", "events"] as const;

/** What an adapter says of itself. */
export interface AdapterInfo {
  /** Such as `sqlite`. */
  readonly name: string;
  readonly version: string;
  readonly capabilities: Partial<Capabilities>;
  /**
   * Whether calls take effect in the order in which they are made though none is waited for, so that enqueues need not wait
   * for the one before to keep their order. Default: not.
   */
  readonly isPipelined?: boolean;
  /** After how many milliseconds a call is given up, though the server may come to it later. Default: never. */
  readonly timeoutMs?: number | undefined;
}

/**
 * What is around every call: it opens the store on first use, turns whatever a hook throws into an error of ours,
 * knows the store's time, and tells others that something may be due.
 */
export abstract class StorageSession extends StorageHooks {
  readonly adapter: AdapterInfo;
  readonly capabilities: Capabilities;
  readonly serializer: Serializer;
  readonly eventLevel: EventLevel;
  protected readonly clock: Clock;
  readonly #preparing: PrepareContext;
  readonly #lifecycle: Lifecycle;
  readonly #hints: WakeHints;
  readonly #changes = new Changes();
  /** How far the store's clock is ahead of ours; 0 where ours is the store's. */
  #clockOffset = 0;

  constructor(adapter: AdapterInfo, options: BaseStorageOptions = {}) {
    super();
    checkRuntime();
    checkHooks(this);
    this.adapter = adapter;
    this.capabilities = { ...DEFAULT_CAPABILITIES, ...adapter.capabilities };
    const {
      serializer = new JsonSerializer(),
      clock = systemClock,
      ids = uuidV7,
      events = "errors",
    } = options;
    checkMethods(serializer, "serializer", ["encode", "decode"]);
    checkText(serializer.format, "serializer.format", 255);
    checkMethods(clock, "clock", CLOCK_METHODS);
    checkFunction(ids, "ids");
    checkOneOf(events, "events", ["all", "errors", "off"]);
    this.serializer = serializer;
    this.clock = clock;
    this.eventLevel = events;
    const { capabilities, eventLevel } = this;
    this.#preparing = { serializer, ids, capabilities, eventLevel, now: () => this.storeNow() };
    this.#hints = new WakeHints((onHint) => this.doWatch(onHint));
    this.#lifecycle = new Lifecycle(
      () => this.doOpen(),
      async () => {
        try {
          await this.#hints.close();
        } finally {
          await this.doClose();
        }
      },
    );
  }

  /** Opens the store. Optional: the first call does it. Idempotent. */
  open(): Promise<void> {
    return this.call("open", null, async () => {});
  }

  /** Waits for the calls under way, then lets go of the store. Idempotent; every later call is refused. */
  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Removes everything that the store keeps, and nothing else, then closes. */
  async destroy(): Promise<void> {
    await this.call("destroy", null, () => this.doDestroy());
    await this.close();
  }

  describe(): Promise<p.StorageDescription> {
    return this.call("describe", null, async () => ({
      adapter: this.adapter.name,
      adapterVersion: this.adapter.version,
      contractVersion: CONTRACT_VERSION,
      capabilities: this.capabilities,
      ...(await this.doDescribe()),
    }));
  }

  /** Calls `onHint` when something may have become due. A hint may be late, doubled or missing. */
  watch(onHint: p.WakeHint): Promise<p.Watch> {
    return this.call("watch", null, () => this.#hints.add(onHint));
  }

  /**
   * Calls `listener` when this object settles a task or an operator's call through it changes it, until the function that
   * is returned is called. What others do is not told of.
   */
  whenChanged(taskId: string, listener: () => void): () => void {
    return this.#changes.listen(taskId, listener);
  }

  /** The payload of a task that is to be enqueued, as it is now. @throws SerializationError, PayloadTooLargeError */
  encodePayload(payload: unknown): EncodedPayload {
    const { maxPayloadBytes } = this.capabilities;
    return new EncodedPayload(encodeValue(this.serializer, payload, "payload", maxPayloadBytes));
  }

  /** The payload of a claimed task. @throws SerializationError, CorruptRecordError */
  decodePayload(task: TaskRecord): unknown {
    return decodePayload(task, this.serializer);
  }

  protected call<T>(call: StorageCall, subject: string | null, work: () => Promise<T>): Promise<T> {
    return this.#lifecycle.call(call, subject, work);
  }

  protected callFor<T>(call: StorageCall, taskId: string, work: () => Promise<T>): Promise<T> {
    return this.call(call, taskId, () => {
      checkText(taskId, "id", this.capabilities.maxIdBytes);
      return work();
    });
  }

  /** Checks what a list is to be narrowed down to; null is anything. */
  protected checkFilters(filters: Readonly<Record<string, unknown>>): void {
    for (const [field, value] of Object.entries(filters))
      if (value !== null) checkText(value, field, this.capabilities.maxIdBytes);
  }

  protected prepare(task: p.NewTask): TaskInsert {
    return prepareTask(task, this.#preparing);
  }

  /**
   * A hint that does not get through costs time, not tasks: the worker's poll finds what it would have told.
   *
   * @param isAnnounced whether other processes were told already
   */
  protected async notify(isAnnounced = false): Promise<void> {
    this.#hints.hint();
    if (isAnnounced) return;
    try {
      await this.doNotify();
    } catch {
      // What was to be announced is stored already; the call must not fail for the announcement.
    }
  }

  protected changed(taskId: string): void {
    this.#changes.tell(taskId);
  }

  protected storeNow(): number {
    return this.clock.now() + this.#clockOffset;
  }

  protected setClock(now: number): void {
    if (this.capabilities.serverTime) this.#clockOffset = now - this.clock.now();
  }
}
