import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  Capabilities,
  EnqueueHookParams,
  EnqueueHookResult,
  InsertAnswer,
  StoredTask,
  TaskWrite,
  WriteHookResult,
} from "@omniq/core/storage";
import { ManualClock } from "@omniq/core/testing";
import { SQLiteStorage, type SQLiteStorageOptions } from "@omniq/storage-sqlite";
import { type StorageHarness, writeFixture } from "@omniq/storage-testkit";
import Database from "better-sqlite3";
import { HidesBadDisks, OpensOnce } from "./bad-disk-stores.ts";

/*
 * Stores in a file that are broken where only other processes, crashes and bad disks can tell. Other processes load this
 * module, so a mutant is known by its name.
 */

/** A SQLite store that is broken in one way. */
export interface FileMutant {
  readonly name: string;
  readonly killedBy: string;
  readonly reason: string;
  readonly storage: new (options: SQLiteStorageOptions) => SQLiteStorage;
}

/** Answers at once, and writes when there is time. */
class AcknowledgesFirst extends SQLiteStorage {
  protected override async doEnqueue(params: EnqueueHookParams): Promise<EnqueueHookResult> {
    setTimeout(() => void super.doEnqueue(params), 20);
    const groups = params.groups.map((group) =>
      group.map(({ id }): InsertAnswer => ({ status: "created", id })),
    );
    return { now: this.clock.now(), groups };
  }
}

/** Writes on its own connection as soon as the transaction lets go of the lock, however that ended. */
class WritesBesideTheTransaction extends SQLiteStorage {
  protected override async doEnqueueVia(via: object, params: EnqueueHookParams): Promise<EnqueueHookResult> {
    const answer = await super.doEnqueueVia(via, params);
    const handle = via as Database.Database;
    const rollBack = handle.exec.bind(handle);
    handle.exec = (text) => {
      rollBack(text);
      if (text === "rollback") void this.doEnqueue(params);
      return handle;
    };
    return answer;
  }
}

/** Tells nobody of tasks in a transaction. */
class ForgetsToWakeAfterCommits extends SQLiteStorage {
  protected override async notify(): Promise<void> {}
}

/** Compares the state of a task, and not who holds it. */
class GuardsByState extends SQLiteStorage {
  protected override async doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    const guessed: TaskWrite[] = [];
    for (const write of writes) {
      const current = await this.doGetTask(write.id);
      const token = "token" in write.guard && current?.token;
      guessed.push(token ? { ...write, guard: { ...write.guard, token } } : write);
    }
    return super.doWrite(guessed);
  }
}

/** Changes a task by writing the row that it read a moment ago, whatever became of it since. */
class WritesWhatItRead extends SQLiteStorage {
  protected override async doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    const { now, answers } = await super.doWrite(writes);
    const blind: TaskWrite[] = [];
    for (const [index, write] of writes.entries()) {
      const answer = answers[index];
      if (!answer || answer.written || !answer.current || "token" in write.guard) continue;
      blind.push({ ...write, guard: { revision: answer.current.revision }, events: [] });
    }
    if (blind.length > 0) await super.doWrite(blind);
    return { now, answers: answers.map(() => ({ written: true as const })) };
  }
}

/** Bars the door while it makes the tables; who dies meanwhile leaves it barred. */
class LocksByFile extends SQLiteStorage {
  protected override async doOpen(): Promise<void> {
    const lock = `${this.path}.opening`;
    if (existsSync(lock)) throw new Error("another process is opening the database");
    writeFileSync(lock, "");
    await super.doOpen();
    rmSync(lock);
  }
}

class NeverEnds extends SQLiteStorage {
  protected override async doOpen(): Promise<void> {
    await super.doOpen();
    setInterval(() => {}, 1000);
  }
}

class ReadsLocalTime extends SQLiteStorage {
  protected override async doGetTask(taskId: string): Promise<StoredTask | null> {
    const task = await super.doGetTask(taskId);
    return task && { ...task, eta: task.eta + new Date(task.eta).getTimezoneOffset() * 60_000 };
  }
}

class SyncsNothing extends SQLiteStorage {
  override readonly capabilities: Capabilities;

  constructor(options: SQLiteStorageOptions) {
    super({ ...options, durability: "relaxed" });
    this.capabilities = { ...new SQLiteStorage().capabilities, survivesPowerLoss: true };
  }
}

/** Ends a run in one step, and stores its result in the next. */
class StoresResultsLater extends SQLiteStorage {
  protected override async doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    const answers = await super.doWrite(writes.map((write) => ({ ...write, result: null })));
    for (const { id, result } of writes) {
      if (result) await this.doPutResult({ taskId: id, result, pendingToken: null });
    }
    return answers;
  }
}

class ClaimsTheNewer extends SQLiteStorage {
  protected override async doOpen(): Promise<void> {
    if (existsSync(this.path)) {
      const database = new Database(this.path);
      const isOurs = database.prepare("select 1 from sqlite_master where name = 'omniq_meta'").get();
      if (isOurs) database.exec("update omniq_meta set value = 1 where key = 'schema_version'");
      database.close();
    }
    await super.doOpen();
  }
}

export const FILE_MUTANTS: readonly FileMutant[] = [
  {
    name: "acknowledged before it is written",
    killedBy: "DUR-1",
    reason: "the task after the acknowledged enqueue",
    storage: AcknowledgesFirst,
  },
  {
    name: "transactions ignored",
    killedBy: "ENQ-10",
    reason: "tasks after the transaction was rolled back",
    storage: WritesBesideTheTransaction,
  },
  {
    name: "commits not told of",
    killedBy: "ENQ-10",
    reason: "has not been told of the task after the commit",
    storage: ForgetsToWakeAfterCommits,
  },
  {
    name: "any holder may settle what is running",
    killedBy: "LSE-11",
    reason: "the answer to process A",
    storage: GuardsByState,
  },
  {
    name: "a write that came too late is made all the same",
    killedBy: "RSC-3",
    reason: "events of rescheduling",
    storage: WritesWhatItRead,
  },
  {
    name: "a crash while it opens bars the place for good",
    killedBy: "LIF-1",
    reason: "another process is opening the database",
    storage: LocksByFile,
  },
  {
    name: "a timer outlives close",
    killedBy: "LIF-3",
    reason: "the process has not ended by itself after close",
    storage: NeverEnds,
  },
  {
    name: "due times are read in local time",
    killedBy: "TIM-1",
    reason: "read under TZ=",
    storage: ReadsLocalTime,
  },
  {
    name: "promises to survive the loss of power, and does not sync",
    killedBy: "DUR-3",
    reason: "only what was synced is left at",
    storage: SyncsNothing,
  },
  {
    name: "a result is stored after the end of its run",
    killedBy: "DUR-4",
    reason: "getResult answered null",
    storage: StoresResultsLater,
  },
  {
    name: "a bad disk is kept from the caller",
    killedBy: "DUR-5",
    reason: "were acknowledged",
    storage: HidesBadDisks,
  },
  {
    name: "a store that could not be opened stays so",
    killedBy: "DUR-5",
    reason: "an instance that could not be opened before",
    storage: OpensOnce,
  },
  {
    name: "a newer format is made an older one",
    killedBy: "DAT-5",
    reason: "on a place of a newer format resolved",
    storage: ClaimsTheNewer,
  },
];

/** Where a file mutant has its files, and which it is. */
interface FilePlace {
  readonly mutant: string;
  readonly path: string;
}

export function fileHarnessOf({ name }: FileMutant): StorageHarness<FilePlace> {
  return { ...harness, name, setUp: () => setUp(name) };
}

async function setUp(mutant: string): ReturnType<StorageHarness<FilePlace>["setUp"]> {
  const folder = mkdtempSync(join(tmpdir(), "omniq-mutant-"));
  const path = join(folder, "omniq.db");
  const makeNewer = async (): Promise<void> => {
    const database = new Database(path);
    database.exec("update omniq_meta set value = value + 1 where key = 'schema_version'");
    database.close();
  };
  const begun: Database.Database[] = [];
  return {
    config: { mutant, path },
    async begin() {
      const via = new Database(path);
      begun.push(via);
      via.exec("begin immediate");
      return {
        via,
        commit: async () => void via.exec("commit"),
        rollBack: async () => void via.exec("rollback"),
      };
    },
    files: { folder, configAt: (other) => ({ mutant, path: join(other, "omniq.db") }) },
    format: {
      fixtures: [{ name: "the present one", load: () => loadFixture(path) }],
      makeNewer,
      contents: async () => "",
    },
    async cleanUp() {
      for (const database of begun) database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function loadFixture(path: string): Promise<void> {
  const store = new SQLiteStorage({ path, clock: new ManualClock(), events: "all" });
  await writeFixture(store);
  await store.close();
}

/** What other processes load: any of the mutants, by its name. */
export const harness: StorageHarness<FilePlace> = {
  name: "a file mutant",
  module: import.meta.url,
  setUp: () => setUp(""),
  connect({ mutant, path }, options) {
    const Storage = FILE_MUTANTS.find(({ name }) => name === mutant)?.storage ?? SQLiteStorage;
    return new Storage({ ...options, path });
  },
};
