import {
  type AnyTaskDefinition,
  type LogFields,
  type Logger,
  TaskQueue,
  WorkerPool,
  durationMs,
} from "@omniq/core";
import type { BaseStorage, BaseStorageOptions } from "@omniq/core/storage";
import { ManualClock } from "@omniq/core/testing";
import type { Place, StorageHarness } from "@omniq/storage-testkit";
import { onTestFinished } from "vitest";

/** Every store of ours, by the harness that the kit gets at it with. */
export const STORES = ["memory", "sqlite", "file", "postgres", "redis"] as const;
export type StoreName = (typeof STORES)[number];

/** Those that answer without a server, so that a worker goes on by a clock that the test moves. */
export const LOCAL_STORES = ["memory", "sqlite"] as const;

/** Those that outlive a process. */
export const DURABLE_STORES = STORES.filter((store) => store !== "memory");

async function harnessOf(store: StoreName): Promise<StorageHarness> {
  const url = new URL(`../../../packages/storage-${store}/test/harness.ts`, import.meta.url);
  return ((await import(url.href)) as { readonly harness: StorageHarness }).harness;
}

type PoolOptions = ConstructorParameters<typeof WorkerPool>[0];

interface RigOptions extends Omit<BaseStorageOptions, "clock"> {
  readonly tasks?: readonly AnyTaskDefinition[];
}

/** One record that something logged. */
interface LogRecord {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: LogFields;
}

/** A queue on a place of its own in a store, and time that the test moves, the server's included. */
export class Rig {
  readonly store: StoreName;
  readonly clock = new ManualClock();
  readonly log: LogRecord[] = [];
  readonly place: Place;
  readonly storage: BaseStorage;
  readonly queue: TaskQueue;
  readonly #harness: StorageHarness;

  private constructor(store: StoreName, harness: StorageHarness, place: Place, options: RigOptions) {
    const { tasks = [], ...storageOptions } = options;
    this.store = store;
    this.place = place;
    this.#harness = harness;
    this.storage = this.connect(storageOptions);
    this.queue = this.queueOn(this.storage, tasks);
  }

  static async open(store: StoreName, options: RigOptions = {}): Promise<Rig> {
    const harness = await harnessOf(store);
    const place = await harness.setUp({ ownServer: false });
    onTestFinished(() => place.cleanUp());
    const rig = new Rig(store, harness, place, options);
    await place.setNow?.(rig.clock.now());
    return rig;
  }

  /** Another store on the same place. */
  connect(options: Omit<BaseStorageOptions, "clock"> = {}): BaseStorage {
    const storage = this.#harness.connect(this.place.config, {
      events: "all",
      ...options,
      clock: this.clock,
    });
    onTestFinished(() => storage.close());
    return storage;
  }

  queueOn(storage: BaseStorage, tasks: readonly AnyTaskDefinition[]): TaskQueue {
    return new TaskQueue({ storage, tasks, clock: this.clock, random: () => 0.5, logger: this.logger });
  }

  get logger(): Logger {
    const at =
      (level: keyof Logger) =>
      (message: string, fields: LogFields = {}): void =>
        void this.log.push({ level, message, fields });
    return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  }

  messages(level: keyof Logger): string[] {
    return this.log.filter((record) => record.level === level).map(({ message }) => message);
  }

  worker(options: PoolOptions = {}): WorkerPool {
    return new WorkerPool({ queue: this.queue, ...options });
  }

  /** A started worker, which is stopped when the test ends. */
  async startWorker(options: PoolOptions = {}): Promise<WorkerPool> {
    const pool = this.worker(options);
    await pool.start();
    onTestFinished(async () => {
      const stopped = pool.stop({ timeout: 0 });
      await this.clock.advance(2000);
      await stopped;
    });
    return pool;
  }

  /** Lets the started workers go on, without moving the clock, until no task waits or runs. */
  async drained(): Promise<void> {
    for (let turn = 0; turn < 1000; turn++) {
      await this.clock.advance(0);
      const counts = await this.queue.countTasks();
      if (counts.every(({ status }) => status !== "PENDING" && status !== "RUNNING")) return;
    }
    throw new Error("The tasks did not come to an end");
  }

  /** Runs what is due. Resolves to how many tasks ran. */
  drain(): Promise<number> {
    return this.worker().processTasks();
  }

  /** Moves the clock on, a step at a time, for as long as something takes that waits for it, and for the store. */
  async clockMovesUntil<T>(done: Promise<T>, stepMs: number): Promise<T> {
    let isDone = false;
    const end = (): void => void (isDone = true);
    done.then(end, end);
    while (!isDone) await this.clock.advance(stepMs);
    return done;
  }

  /** Moves the time on, then runs what is due. */
  async advance(duration: string): Promise<number> {
    await this.clock.advance(durationMs(duration, "duration"));
    await this.place.setNow?.(this.clock.now());
    return this.drain();
  }
}
