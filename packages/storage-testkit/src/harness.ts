import type { Clock } from "@omniq/core";
import type { BaseStorage, BaseStorageOptions } from "@omniq/core/storage";

/**
 * How the kit gets at an adapter.
 *
 * `Config` says where a place is. Where several processes may share a place it must be plain data, for it is handed to
 * other processes, which load this harness by `module` and `connect` with it.
 */
export interface StorageHarness<Config = unknown> {
  /** Such as `sqlite`; it stands in the report. */
  readonly name: string;
  /**
   * The module that exports this harness, as `harness` or as its default: `import.meta.url`. Rules about several
   * processes stay untested without it.
   */
  readonly module?: string;
  /** An empty place of its own for one check: a folder, a schema, a key prefix. */
  setUp(needs: PlaceNeeds): Promise<Place<Config>>;
  /**
   * A store on a place: an instance of its own over a connection of its own, not opened yet. What it decides by time,
   * it decides by the clock in `options`. The kit closes it.
   */
  connect(config: Config, options: ConnectOptions): BaseStorage;
}

/** What a check asks of its place. */
export interface PlaceNeeds {
  /** The check kills the server and starts it again, so that no other place may lie on it. */
  readonly ownServer: boolean;
}

/** A place that stores connect to, and what the kit can do to it beside. */
export interface Place<Config = unknown> {
  readonly config: Config;
  /**
   * Only for a store that reads the time from its server: sets the frozen time of that server, through the
   * store's test-only option. The kit calls it before the first use of the place and whenever time moves.
   */
  setNow?(now: number): Promise<void>;
  /**
   * Only for a store that can count: how many rows, elements or records the claims on this place have examined since
   * this was last asked. Rules about bounded work stay untested without it or `claimPlan`.
   */
  claimWork?(): number | Promise<number>;
  /** Only for a store that cannot count but can explain: how a claim of ten, now, would go about it, step by step. */
  claimPlan?(now: number): Promise<readonly ClaimStep[]>;
  /** Damages the stored record of a task, as a bit flipped on a disk would. */
  corrupt?(taskId: string): Promise<void>;
  /** Begins a transaction as an application would, on the database that the store is in. */
  begin?(): Promise<PlaceTransaction>;
  /** Where the store writes its files by itself. */
  readonly files?: PlaceFiles<Config>;
  /** Where the store talks to a server over TCP. */
  readonly server?: PlaceServer;
  /**
   * Only for a store behind a server that declares `survivesPowerLoss`: the settings, by the names that `describe` reads
   * them back under, that this rests on.
   */
  readonly syncSettings?: Readonly<Record<string, string>>;
  /** How its format can be made older or newer than the adapter's own. */
  readonly format?: PlaceFormat;
  /** Removes the place. Called once, after the stores were closed, whatever the check came to. */
  cleanUp(): Promise<void>;
}

/** One step of a claim's plan that reads tasks. */
export interface ClaimStep {
  /** The step in the planner's own words, for the message. */
  readonly text: string;
  /** The index that it goes by; null where it goes over the whole table. */
  readonly index: string | null;
  /**
   * What bounds the part of the index that it reads. Waiting tasks need `queue`, `priority` and, where it reads more
   * than the next priority, `due`; running ones `queue` and `lease`.
   */
  readonly bounds: readonly ("queue" | "priority" | "due" | "lease" | "id")[];
  /** Whether it looks for waiting tasks, for the next priority, for lapsed leases, or takes what another step found. */
  readonly finds: "due" | "priority" | "lapsed" | "taken";
}

/** A transaction of an application. */
export interface PlaceTransaction {
  /** What `enqueue` takes as `via`. */
  readonly via: object;
  readonly commit: () => Promise<void>;
  readonly rollBack: () => Promise<void>;
}

export interface PlaceFiles<Config = unknown> {
  /** Everything that the store writes lies in this folder. */
  readonly folder: string;
  /** The place whose files lie in another folder. */
  configAt(folder: string): Config;
}

export interface PlaceServer {
  readonly host: string;
  readonly port: number;
  /** Only where the place has a server of its own: ends it at once, as the kernel would. */
  kill?(): Promise<void>;
  /** Starts it again after `kill`, on the same port and data. */
  start?(): Promise<void>;
}

export interface PlaceFormat {
  /** Puts what an adapter of an older format has written into this empty place; one for each format there ever was. */
  readonly fixtures: readonly { readonly name: string; load(): Promise<void> }[];
  /** Marks the place as written by a newer version. */
  makeNewer(): Promise<void>;
  /** All that is stored, in any form that differs when it differs. */
  contents(): Promise<string>;
}

/** What every store can be configured with, the clock being given. */
export interface ConnectOptions extends BaseStorageOptions {
  /** It stands still unless the check moves it, so nothing that merely waits may wait on it. */
  readonly clock: Clock;
  /** Connect through this in place of the server's own address. */
  readonly address?: { readonly host: string; readonly port: number };
  /** The adapter's limit on each call over a wire; also how soon it looks after a connection that went silent. */
  readonly timeoutMs?: number;
}
