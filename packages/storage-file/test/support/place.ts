import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileStorage, type FileStorageOptions } from "@omniq/storage-file";
import { afterEach, beforeEach } from "vitest";

/** A folder of each test's own, removed after it together with all that it opened. */
export interface Place {
  /** The folder that {@link folder} lies in. */
  readonly root: string;
  /** The folder of {@link store}; it is not there yet. */
  readonly folder: string;
  /** A store on the folder. */
  store(options?: FileStorageOptions): FileStorage;
}

/** To be called within a `describe`, or at the top of a file. */
export function usePlace(): Place {
  let root = "";
  let opened: FileStorage[] = [];
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "omniq-file-")));
  });
  afterEach(async () => {
    for (const store of opened) await store.close();
    opened = [];
    rmSync(root, { recursive: true, force: true });
  });
  return {
    get root() {
      return root;
    },
    get folder() {
      return join(root, "jobs");
    },
    store(options = {}) {
      const store = new FileStorage({ folder: this.folder, ...options });
      opened.push(store);
      return store;
    },
  };
}
