import type { BaseStorage, Capabilities } from "@omniq/core/storage";
import { ManualClock } from "@omniq/core/testing";
import type { ConnectOptions, Place, StorageHarness } from "./harness.ts";
import { KitProcess } from "./process/kit-process.ts";
import type { Start } from "./process/messages.ts";
import { seededRandom } from "./seeded-random.ts";
import { LIVENESS_MS } from "./within.ts";

/** Which of the random histories of a model rule to run again, as its failure printed them. */
export interface Replay {
  /** Which run of the seed, and which steps to make it smaller. */
  readonly path: string;
  /** Which of its commands. */
  readonly commands: string;
}

export interface ContextOptions {
  readonly seed: number;
  readonly replay: Replay | null;
  readonly livenessMs?: number | undefined;
}

/** What a check works with: stores on one fresh place, and a clock that stands still unless it is moved. */
export class RuleContext {
  readonly clock = new ManualClock();
  /** The store that the check mainly uses. Events are kept at level `all`. */
  readonly store: BaseStorage;
  readonly seed: number;
  readonly replay: Replay | null;
  /** How long to wait for what has to happen by itself. */
  readonly livenessMs: number;
  /** The same row of numbers for the same seed, which a failure names. */
  readonly random: () => number;
  /** What is worth telling of a check that passed. */
  readonly notes: string[] = [];
  readonly #harness: StorageHarness;
  readonly #options: ContextOptions;
  readonly place: Place;
  readonly #stores: BaseStorage[] = [];
  readonly #processes: KitProcess[] = [];
  readonly #closers: (() => Promise<void>)[] = [];
  readonly #beside = new Set<RuleContext>();

  constructor(harness: StorageHarness, place: Place, options: ContextOptions) {
    this.#harness = harness;
    this.place = place;
    this.#options = options;
    this.seed = options.seed;
    this.replay = options.replay;
    this.livenessMs = options.livenessMs ?? LIVENESS_MS;
    this.random = seededRandom(options.seed);
    this.store = this.connect();
  }

  get capabilities(): Capabilities {
    return this.store.capabilities;
  }

  /** The present instant of the contract's clock. */
  get now(): number {
    return this.clock.now();
  }

  /** Another instance on the same place. */
  connect(options: Omit<ConnectOptions, "clock"> = {}): BaseStorage {
    return this.connectAt(this.place.config, { events: "all", ...options });
  }

  /** Another instance that is told nothing but the time. */
  connectByDefault(): BaseStorage {
    return this.connectAt(this.place.config, {});
  }

  /** An instance on another place of this adapter's, or with a clock of its own. */
  connectAt(config: unknown, options: Partial<ConnectOptions>): BaseStorage {
    const store = this.#harness.connect(config, { clock: this.clock, ...options });
    this.#stores.push(store);
    return store;
  }

  /** So many other instances on the same place. */
  connectMany(count: number): BaseStorage[] {
    return Array.from({ length: count }, () => this.connect());
  }

  /** Whether the harness names the module that other processes need. */
  get canSpawn(): boolean {
    return this.#harness.module !== undefined;
  }

  /** Another process, with an instance of its own on this place. */
  spawn(env: Readonly<Record<string, string>> = {}, options: Omit<ConnectOptions, "clock"> = {}): KitProcess {
    const start = this.start();
    const child = new KitProcess(
      { ...start, options: { ...start.options, ...options } },
      () => this.now,
      env,
    );
    this.#processes.push(child);
    return child;
  }

  /** So many other processes, their stores open. */
  async spawnMany(count: number): Promise<KitProcess[]> {
    const processes = Array.from({ length: count }, () => this.spawn());
    await Promise.all(processes.map((process) => process.run("open", undefined)));
    return processes;
  }

  /** What another process needs to be told to use this place, or another one of this adapter's. */
  start(config: unknown = this.place.config): Start {
    const { module } = this.#harness;
    if (module === undefined) throw new TypeError("The harness names no module.");
    return { module, config, options: { events: "all" }, now: this.now };
  }

  /** Is called when the check has ended, after the stores were closed. */
  onClose(closer: () => Promise<void>): void {
    this.#closers.push(closer);
  }

  /** Has the report tell something of a check that passed, such as how much it went through. */
  note(text: string): void {
    this.notes.push(text);
  }

  /** Moves time forward. */
  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.tellTime();
  }

  /** Jumps to an instant, back or forth. */
  async setTime(now: number): Promise<void> {
    this.clock.set(now);
    await this.tellTime();
  }

  /** Lets a place with a clock of its own know the time. */
  async tellTime(): Promise<void> {
    await this.place.setNow?.(this.clock.now());
  }

  /** A fresh place with a clock of its own, beside this one. It goes with this one, if not before. */
  async beside(): Promise<RuleContext> {
    const place = await this.#harness.setUp({ ownServer: false });
    const context = new RuleContext(this.#harness, place, { ...this.#options, replay: null });
    this.#beside.add(context);
    await context.tellTime();
    return context;
  }

  /** Takes a place beside this one away again. */
  async leave(context: RuleContext): Promise<void> {
    if (!this.#beside.delete(context)) return;
    await context.close();
    await context.place.cleanUp();
  }

  /** Ends every process and closes every store that there is, and takes away the places beside. */
  async close(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.kill()));
    await Promise.all([...this.#beside].map((context) => this.leave(context)));
    await Promise.all(this.#stores.map((store) => store.close()));
    await Promise.all(this.#closers.map((close) => close()));
  }
}
