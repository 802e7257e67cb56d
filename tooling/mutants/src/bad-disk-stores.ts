import type { EnqueueHookParams, EnqueueHookResult, InsertAnswer } from "@omniq/core/storage";
import { SQLiteStorage } from "@omniq/storage-sqlite";

/** Answers as if the disk had taken it. */
export class HidesBadDisks extends SQLiteStorage {
  protected override async doEnqueue(params: EnqueueHookParams): Promise<EnqueueHookResult> {
    try {
      return await super.doEnqueue(params);
    } catch {
      const groups = params.groups.map((group) =>
        group.map(({ id }): InsertAnswer => ({ status: "created", id })),
      );
      return { now: this.clock.now(), groups };
    }
  }
}

/** Remembers that it could not be opened, and never tries again. */
export class OpensOnce extends SQLiteStorage {
  #opening: Promise<void> | null = null;

  protected override doOpen(): Promise<void> {
    return (this.#opening ??= super.doOpen());
  }
}
