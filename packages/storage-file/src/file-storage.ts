import { join, resolve } from "node:path";
import { CorruptRecordError, type StorageError, durationMs } from "@omniq/core";
import { BaseStorage, Doorbell, packageVersion } from "@omniq/core/storage";
import type * as h from "@omniq/core/storage";
import { FORMAT_VERSION, type FileSystem, Journal, nodeFileSystem } from "@omniq/journal";
import { MemoryEngine } from "@omniq/storage-memory";
import { Archiver } from "./archiver.ts";
import { FileDatabase } from "./file-database.ts";
import { type FileStorageOptions, checkFileStorageOptions, defaultFolder } from "./file-storage-options.ts";

/**
 * Tasks in a folder of files, which several processes of one host may share, without a driver or a server: a journal of
 * JSON lines, on the disk before anything is acknowledged, and what it says in memory. What the hooks do to memory is the
 * memory store's; what came of it is what the journal keeps.
 */
export class FileStorage extends BaseStorage {
  /** The folder, as an absolute path. */
  readonly folder: string;
  readonly #options: FileStorageOptions;
  readonly #fileSystem: FileSystem;
  readonly #lockTimeoutMs: number;
  readonly #stallLimitMs: number;
  readonly #doorbell: Doorbell;
  readonly #database: FileDatabase;
  readonly #engine: MemoryEngine;
  #opened: { readonly journal: Journal; readonly archiver: Archiver } | null = null;

  /** Touches no file: the first call opens the folder. @throws ValidationError for a bad option */
  constructor(
    folderOrOptions: string | FileStorageOptions = {},
    more: Omit<FileStorageOptions, "folder"> = {},
  ) {
    const options =
      typeof folderOrOptions === "string" ? { ...more, folder: folderOrOptions } : folderOrOptions;
    checkFileStorageOptions(options);
    super(
      {
        name: "file",
        version: packageVersion(import.meta.url),
        capabilities: {
          durable: true,
          multiProcess: true,
          wakeup: true,
          strictOrder: true,
          batchAtomic: true,
          eventsTransactional: true,
          survivesPowerLoss: true,
        },
      },
      options,
    );
    this.#options = options;
    this.#lockTimeoutMs = durationMs(options.lockTimeout ?? "10s", "lockTimeout");
    this.#stallLimitMs = durationMs(options.stallLimit ?? "3s", "stallLimit");
    this.#fileSystem = options.fileSystem ?? nodeFileSystem;
    this.folder = resolve(options.folder ?? defaultFolder());
    this.#doorbell = new Doorbell(join(this.folder, "wake"));
    const pathOf = (name: string): string => join(this.folder, name);
    this.#database = new FileDatabase(options.onDamage ?? warn, {
      pathOf,
      open: (name) => this.#fileSystem.open(pathOf(name)),
    });
    this.#engine = new MemoryEngine(this.#database);
  }

  /** How many tasks claims have looked at: what the test kit bounds. */
  get examined(): number {
    return this.#database.examined;
  }

  /** Moves the finished tasks that are due for it into archives, and resolves once that is done: what tests wait for. */
  async archive(): Promise<void> {
    await this.open();
    await this.#running.archiver.settle();
  }

  protected async doOpen(): Promise<void> {
    const { allowNetworkFileSystem = false, checkpointBytes, archiveAfter = ARCHIVE_AFTER } = this.#options;
    const journal = new Journal({
      folder: this.folder,
      content: this.#database,
      files: this.#fileSystem,
      stallLimitMs: this.#stallLimitMs,
      lockTimeoutMs: this.#lockTimeoutMs,
      allowNetworkFileSystem,
      ...(checkpointBytes !== undefined && { checkpointBytes }),
    });
    await journal.open();
    const archiver = new Archiver(journal, this.#database, archiveAfter);
    this.#opened = { journal, archiver };
    archiver.startWhereDue();
  }

  protected async doClose(): Promise<void> {
    await this.#doorbell.close();
    await this.#opened?.archiver.stop();
    await this.#opened?.journal.close();
    this.#database.close();
    this.#opened = null;
  }

  protected async doDestroy(): Promise<void> {
    const { journal, archiver } = this.#running;
    await archiver.stop();
    await journal.destroy(() => this.#database.record(journal.isFormCurrent, () => this.#database.clear()));
    await this.#doorbell.remove();
    this.#fileSystem.removeFolder(this.folder);
  }

  protected async doDescribe(): Promise<h.DescribeHookResult> {
    const type = this.#fileSystem.typeOf(this.folder);
    return {
      durability: {
        sync: "fdatasync before each answer",
        file_system: type === null ? "unknown" : `0x${(type >>> 0).toString(16)}`,
        unreadable_tasks: String(this.#database.unreadable),
      },
      versions: { journal: String(FORMAT_VERSION), tasks: String(this.#database.format.version) },
    };
  }

  protected async doEnqueue({ groups }: h.EnqueueHookParams): Promise<h.EnqueueHookResult> {
    return this.#change((now, endLine) => ({ now, groups: this.#insertGroups(groups, now, endLine) }));
  }

  protected async doDequeue(params: h.DequeueHookParams): Promise<h.DequeueHookResult> {
    return this.#changeEach((now) => this.#engine.dequeue(params, now));
  }

  protected async doWrite(writes: readonly h.TaskWrite[]): Promise<h.WriteHookResult> {
    return this.#change((now, endLine) => ({ now, answers: this.#writeAll(writes, now, endLine) }));
  }

  protected override async doExchange(
    writes: readonly h.TaskWrite[],
    params: h.DequeueHookParams,
  ): Promise<h.ExchangeHookResult> {
    return this.#change((now, endLine) => {
      const answers = this.#writeAll(writes, now, endLine);
      this.#database.splitByTask();
      return { ...this.#engine.dequeue(params, now), answers };
    });
  }

  protected async doRenew(renewals: readonly h.RenewHookItem[]): Promise<h.RenewHookResult> {
    return this.#changeEach((now) => ({
      now,
      answers: renewals.map((renewal) => this.#engine.renew(renewal, now)),
    }));
  }

  protected async doGetTask(taskId: string): Promise<h.StoredTask | null> {
    return this.#read(() => {
      const task = this.#engine.getTask(taskId);
      if (!task) this.#checkReadable(taskId);
      return task;
    });
  }

  protected async doListTasks(params: h.ListHookParams): Promise<h.ListHookResult> {
    return this.#read(() => this.#engine.listTasks(params));
  }

  protected async doCountTasks(): Promise<readonly h.TaskCount[]> {
    return this.#read(() => this.#database.countTasks());
  }

  protected async doListQueues(): Promise<readonly h.QueueInfo[]> {
    return this.#read(() => this.#engine.listQueues());
  }

  protected async doSetQueuePaused(name: string, paused: boolean): Promise<void> {
    await this.#change(() => this.#database.setQueue({ name, paused }));
  }

  protected async doPurge(params: h.PurgeHookParams): Promise<number> {
    return this.#changeEach(() => this.#database.purge(params));
  }

  protected async doNextDue(queues: readonly string[]): Promise<{ now: number; at: number | null }> {
    return this.#read((now) => ({ now, at: this.#engine.nextDue(queues) }));
  }

  protected async doImportTasks(
    tasks: readonly h.ImportedTask[],
  ): Promise<readonly ("created" | "existing")[]> {
    return this.#changeEach(() => tasks.map((task) => this.#engine.importTask(task)));
  }

  protected async doGetResult(key: h.ResultKey): Promise<h.ResultRecord | null> {
    return this.#read((now) => {
      this.#checkReadable(key.taskId);
      return this.#engine.getResult(key, now);
    });
  }

  protected async doPutResult(params: h.ResultHookParams): Promise<void> {
    await this.#change((now) => this.#engine.putResult(params, now));
  }

  protected async doDeleteResult(key: h.ResultKey): Promise<boolean> {
    return this.#change(() => this.#engine.deleteResult(key));
  }

  protected async doPurgeResults(limit: number): Promise<number> {
    return this.#change((now) => this.#database.purgeResults(limit, now));
  }

  protected override async doListResults(params: h.ListResultsHookParams): Promise<h.ListResultsHookResult> {
    return this.#read(() => this.#database.listResults(params));
  }

  protected override async doImportResults(results: readonly h.ResultRecord[]): Promise<void> {
    await this.#change(() => this.#engine.importResults(results));
  }

  protected override async doImportEvents(events: readonly h.EventImport[]): Promise<void> {
    await this.#change(() => this.#engine.importEvents(events));
  }

  protected async doAppendEvents(events: readonly h.EventInsert[]): Promise<void> {
    await this.#change((now) => this.#engine.addEvents(events, now));
  }

  protected async doQueryEvents(params: h.EventsHookParams): Promise<h.EventsHookResult> {
    return this.#read(() => this.#engine.queryEvents(params));
  }

  protected async doPurgeEvents(before: number, limit: number): Promise<number> {
    return this.#change(() => this.#engine.purgeEvents(before, limit));
  }

  protected override async doNotify(): Promise<void> {
    this.#doorbell.ring();
  }

  protected override async doWatch(onHint: () => void): Promise<h.Watch> {
    return this.#doorbell.listen(onHint);
  }

  get #running(): { readonly journal: Journal; readonly archiver: Archiver } {
    if (!this.#opened) throw new Error("The store is not open.");
    return this.#opened;
  }

  /** A step whose parts stand or fall each by itself where `endLine` is called between them. */
  async #change<T>(work: (now: number, endLine: () => void) => T): Promise<T> {
    const { journal, archiver } = this.#running;
    const answer = await journal.update(() =>
      this.#database.record(journal.isFormCurrent, (endLine) => work(this.clock.now(), endLine)),
    );
    archiver.startWhereDue();
    return answer;
  }

  /** A step in which every task stands or falls by itself. */
  #changeEach<T>(work: (now: number) => T): Promise<T> {
    return this.#change((now) => {
      this.#database.splitByTask();
      return work(now);
    });
  }

  #read<T>(work: (now: number) => T): Promise<T> {
    return this.#running.journal.read(() => work(this.clock.now()));
  }

  #insertGroups(
    groups: readonly (readonly h.TaskInsert[])[],
    now: number,
    endLine: () => void,
  ): readonly (readonly h.InsertAnswer[])[] {
    return groups.map((group) => {
      const answers = this.#engine.insertGroup(group, now);
      endLine();
      return answers;
    });
  }

  #writeAll(writes: readonly h.TaskWrite[], now: number, endLine: () => void): readonly h.WriteAnswer[] {
    return writes.map((write) => {
      const answer = this.#engine.write(write, now);
      endLine();
      return answer;
    });
  }

  /** @throws CorruptRecordError */
  #checkReadable(taskId: string): void {
    const damage = this.#database.damageOf(taskId);
    if (damage) throw new CorruptRecordError(taskId, `${damage.path} is damaged at byte ${damage.offset}`);
  }
}

/** How many finished tasks stay in memory where nothing else is said. */
const ARCHIVE_AFTER = 10_000;

function warn(error: StorageError): void {
  process.emitWarning(error);
}
