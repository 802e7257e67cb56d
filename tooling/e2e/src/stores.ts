import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "@omniq/core";
import type { BaseStorage } from "@omniq/core/storage";
import { MemoryDatabase, MemoryStorage } from "@omniq/storage-memory";
import { SQLiteStorage } from "@omniq/storage-sqlite";

/** A place for tasks, which several stores may open at once. */
export interface Place {
  connect(clock?: Clock): BaseStorage;
  /** Closes what was opened, and removes the place. */
  cleanUp(): Promise<void>;
}

/** The stores that queue and workers are tested on by a clock that stands still: they answer without waiting. */
export const stores: Readonly<Record<string, () => Place>> = {
  memory: () => {
    const database = new MemoryDatabase();
    return opening((clock) => new MemoryStorage({ database, ...clock }));
  },
  sqlite: () => {
    const folder = temporaryFolder();
    return opening(
      (clock) => new SQLiteStorage({ path: join(folder, "omniq.db"), ...clock }),
      () => rmSync(folder, { recursive: true, force: true }),
    );
  },
};

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "omniq-e2e-"));
}

function opening(open: (clock: { clock?: Clock }) => BaseStorage, remove: () => void = () => {}): Place {
  const opened: BaseStorage[] = [];
  return {
    connect(clock) {
      const storage = open(clock ? { clock } : {});
      opened.push(storage);
      return storage;
    },
    async cleanUp() {
      await Promise.all(opened.map((storage) => storage.close()));
      remove();
    },
  };
}
