import {
  type AnyTaskDefinition,
  type LogFields,
  type Logger,
  TaskQueue,
  WorkerPool,
  type WorkerOptions,
} from "@omniq/core";
import type { BaseStorage } from "@omniq/core/storage";
import { ManualClock } from "@omniq/core/testing";
import { onTestFinished } from "vitest";
import type { Place } from "./stores.ts";

/** One record that something logged. */
export interface LogRecord {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: LogFields;
}

/** A queue and its workers on a clock that the test drives. */
export class Rig {
  readonly clock = new ManualClock();
  readonly storage: BaseStorage;
  readonly queue: TaskQueue;
  readonly log: LogRecord[] = [];
  readonly place: Place;

  constructor(place: Place, tasks: readonly AnyTaskDefinition[]) {
    this.place = place;
    this.storage = place.connect(this.clock);
    this.queue = new TaskQueue({
      storage: this.storage,
      tasks,
      clock: this.clock,
      random: () => 0.5,
      logger: this.logger,
    });
    onTestFinished(() => place.cleanUp());
  }

  get logger(): Logger {
    const at =
      (level: keyof Logger) =>
      (message: string, fields: LogFields = {}): void =>
        void this.log.push({ level, message, fields });
    return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  }

  /** A started worker, which is stopped when the test ends. */
  async worker(options: WorkerOptions = {}): Promise<WorkerPool> {
    const pool = new WorkerPool({ queue: this.queue, ...options });
    await pool.start();
    onTestFinished(async () => {
      const stopped = pool.stop({ timeout: 0 });
      await this.clock.advance(2000);
      await stopped;
    });
    return pool;
  }

  /** Lets the workers go on, without moving the clock, until no task waits or runs. */
  async drained(): Promise<void> {
    for (let turn = 0; turn < 1000; turn++) {
      await this.clock.advance(0);
      const counts = await this.queue.countTasks();
      if (counts.every(({ status }) => status !== "PENDING" && status !== "RUNNING")) return;
    }
    throw new Error("The tasks did not come to an end");
  }

  messages(level: keyof Logger): string[] {
    return this.log.filter((record) => record.level === level).map(({ message }) => message);
  }
}
