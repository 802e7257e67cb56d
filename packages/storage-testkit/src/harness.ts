import type { Clock } from "@omniq/core";
import type { BaseStorage, BaseStorageOptions } from "@omniq/core/storage";

/** How the kit gets at an adapter. */
export interface StorageHarness {
  /** Such as `sqlite`; it stands in the report. */
  readonly name: string;
  /** An empty place of its own for one check: a folder, a schema, a key prefix. */
  setUp(): Promise<Place>;
}

/** A place that stores connect to. */
export interface Place {
  /**
   * A store on this place: an instance of its own over a connection of its own, not opened yet. What it decides
   * by time, it decides by the clock in `options`. The kit closes it.
   */
  connect(options: ConnectOptions): BaseStorage;
  /**
   * Only for a store that reads the time from its server: sets the frozen time of that server, through the
   * store's test-only option. The kit calls it before the first use of the place and whenever time moves.
   */
  setNow?(now: number): Promise<void>;
  /**
   * Only for a store that can count: how many rows, elements or records the claims on this place have examined since
   * this was last asked. Rules about bounded work stay untested without it.
   */
  claimWork?(): number;
  /** Removes the place. Called once, after the stores were closed, whatever the check came to. */
  cleanUp(): Promise<void>;
}

/** What only some places have: a way to look at what cannot be seen through the contract. */
export type Door = "claimWork";

/** What every store can be configured with, the clock being given. */
export interface ConnectOptions extends BaseStorageOptions {
  /** It stands still unless the check moves it, so nothing that merely waits may wait on it. */
  readonly clock: Clock;
}
