import type {
  DequeueHookParams,
  ExchangeHookResult,
  ImportedTask,
  TaskWrite,
  WriteHookResult,
} from "@omniq/core/storage";
import { FileStorage } from "@omniq/storage-file";
import type { StorageHarness } from "@omniq/storage-testkit";
import { harness as plain } from "./harness.ts";

/** No finished task is in memory by the time that the call which ended it is answered. */
class ArchivesAll extends FileStorage {
  protected override async doWrite(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    const answer = await super.doWrite(writes);
    await this.archive();
    return answer;
  }

  protected override async doExchange(
    writes: readonly TaskWrite[],
    params: DequeueHookParams,
  ): Promise<ExchangeHookResult> {
    const answer = await super.doExchange(writes, params);
    await this.archive();
    return answer;
  }

  protected override async doImportTasks(
    tasks: readonly ImportedTask[],
  ): Promise<readonly ("created" | "existing")[]> {
    const answer = await super.doImportTasks(tasks);
    await this.archive();
    return answer;
  }
}

/** The adapter with every finished task in an archive. */
export const harness: StorageHarness<string> = {
  ...plain,
  name: "file, archived",
  module: import.meta.url,
  connect: (folder, options) => new ArchivesAll({ ...options, folder, archiveAfter: 0, onDamage: () => {} }),
};
