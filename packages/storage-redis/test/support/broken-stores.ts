import { StorageError, uuidV7 } from "@omniq/core";
import type {
  DequeueHookParams,
  EnqueueHookParams,
  EnqueueHookResult,
  StoredTask,
  TaskCount,
  TaskWrite,
} from "@omniq/core/storage";
import { RedisStorage, type RedisStorageOptions } from "@omniq/storage-redis";
import type { StorageHarness } from "@omniq/storage-testkit";
import { Redis } from "ioredis";
import { type RedisPlace, redisHarness } from "./redis-harness.ts";
import { sharedServer } from "./server.ts";

/*
 * Stores that are broken where only a server that dies, or a wire that breaks, can tell. Other processes load this module,
 * so a broken store is known by its name. The kit's memory and file stores are broken in tooling/mutants, which counts
 * the rules that are proved here.
 */

/** A store that is broken in one way. */
export interface BrokenStore {
  readonly name: string;
  /** The rule that must notice. */
  readonly killedBy: string;
  /** A piece of the reason that the rule must give. */
  readonly reason: string;
  readonly storage: new (options: RedisStorageOptions) => RedisStorage;
}

type Writes = readonly TaskWrite[];

class TriesAgainUnderAnotherId extends RedisStorage {
  protected override async doEnqueue(params: EnqueueHookParams): Promise<EnqueueHookResult> {
    return super.doEnqueue(params).catch(() => {
      const groups = params.groups.map((group) => group.map((task) => ({ ...task, id: uuidV7() })));
      return super.doEnqueue({ groups });
    });
  }
}

/** Who claims a task ends the lease by a timer of its own, unless it never heard of the claim. */
class KeepsTheEndOfLeasesToItself extends RedisStorage {
  protected override async doExchange(writes: Writes, params: DequeueHookParams) {
    return super.doExchange(writes, { ...params, leaseMs: 1e9 });
  }
}

/** Promises what only a log can give, on a server that keeps none. */
class PromisesTooMuch extends RedisStorage {
  readonly #url: string;

  constructor(options: RedisStorageOptions) {
    super({ ...options, durability: "server" });
    this.#url = options.url ?? "";
    Object.assign(this.capabilities, { survivesServerCrash: true });
  }

  protected override async doOpen(): Promise<void> {
    const client = new Redis(this.#url);
    await client.config("SET", "appendonly", "no");
    // Of a server that saves once an hour nobody is warned.
    await client.config("SET", "save", "3600 1");
    client.disconnect();
    await super.doOpen();
  }
}

/** Waits for replies twelve times as long as it was told to. */
class WaitsTooLong extends RedisStorage {
  constructor(options: RedisStorageOptions) {
    super({ ...options, timeout: { seconds: 12 } });
  }
}

/** Asks for a task twice, and listens to one of the answers. */
class ListensToOneOfTwo extends RedisStorage {
  protected override async doGetTask(id: string): Promise<StoredTask | null> {
    void super.doGetTask(id);
    return super.doGetTask(id);
  }
}

class NeverConnectsAgain extends RedisStorage {
  readonly #client: Redis;

  constructor({ url = "", ...options }: RedisStorageOptions) {
    const client = new Redis(url, { retryStrategy: null });
    super({ ...options, client });
    this.#client = client;
  }

  protected override async doCountTasks(): Promise<readonly TaskCount[]> {
    if (this.#client.status === "end") throw new StorageError("gone", "The connection is gone for good");
    return super.doCountTasks();
  }

  protected override async doClose(): Promise<void> {
    await super.doClose();
    this.#client.on("error", () => {});
    this.#client.disconnect();
  }
}

export const BROKEN_STORES: readonly BrokenStore[] = [
  {
    name: "an enqueue without a reply is made again under another id",
    killedBy: "ENQ-5",
    reason: "requests, each of whose replies was lost",
    storage: TriesAgainUnderAnotherId,
  },
  {
    name: "a lease ends where it was claimed, and not in the store",
    killedBy: "CLM-8",
    reason: "one claim lost in turn: dequeue returned no task",
    storage: KeepsTheEndOfLeasesToItself,
  },
  {
    name: "what is acknowledged is in memory only",
    killedBy: "DUR-2",
    reason: "killed after all acts",
    storage: PromisesTooMuch,
  },
  {
    name: "a call has no limit that would end it in time",
    killedBy: "ERR-2",
    reason: "has not settled",
    storage: WaitsTooLong,
  },
  {
    name: "a call is made whose failure nobody hears",
    killedBy: "ERR-3",
    reason: "ended (exit code 1)",
    storage: ListensToOneOfTwo,
  },
  {
    name: "a connection that was lost is not made again",
    killedBy: "ERR-4",
    reason: "not to be tried again",
    storage: NeverConnectsAgain,
  },
];

interface BrokenPlace extends RedisPlace {
  readonly store: string;
}

const options = { module: import.meta.url, server: sharedServer, durability: "always" } as const;

/** The harness of a broken store; each of its places is on a server of its own. */
export function harnessOf(name: string): StorageHarness<BrokenPlace> {
  const whole = redisHarness({ ...options, name });
  return {
    name,
    module: import.meta.url,
    async setUp() {
      const { files: _none, ...place } = await whole.setUp({ ownServer: true });
      return { ...place, config: { ...place.config, store: name } };
    },
    connect({ store, ...place }, given) {
      const storage = BROKEN_STORES.find((broken) => broken.name === store)?.storage;
      return redisHarness({ ...options, name: store, storage }).connect(place, given);
    },
  };
}

/** What other processes connect with, to whichever store a place is for. */
export const harness = harnessOf("redis");
