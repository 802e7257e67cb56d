import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileStorage } from "@omniq/storage-file";
import type { StorageHarness } from "@omniq/storage-testkit";
import { contentsOf, flipBit, makeNewer } from "./support/journal-files.ts";

/** The stores of this process, by their folder. */
const stores = new Map<string, FileStorage[]>();

/** How many tasks the claims of all stores on a folder have examined. */
function examinedIn(folder: string): number {
  return (stores.get(folder) ?? []).reduce((sum, { examined }) => sum + examined, 0);
}

/** How the kit gets at this adapter. A place is known by its folder. */
export const harness: StorageHarness<string> = {
  name: "file",
  module: import.meta.url,
  async setUp() {
    const folder = mkdtempSync(join(tmpdir(), "omniq-file-"));
    let counted = 0;
    return {
      config: folder,
      claimWork() {
        const examined = examinedIn(folder) - counted;
        counted += examined;
        return examined;
      },
      corrupt: async (taskId) => void flipBit(folder, taskId),
      files: { folder, configAt: (other) => other },
      format: {
        fixtures: [1, 2, 3, 4].map((version) => ({
          name: `format ${version}`,
          load: async () => cpSync(join(FIXTURES, `format-${version}`), folder, { recursive: true }),
        })),
        makeNewer: async () => makeNewer(folder),
        contents: async () => contentsOf(folder),
      },
      async cleanUp() {
        stores.delete(folder);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
  connect(folder, options) {
    const store = new FileStorage({ ...options, folder, onDamage: () => {} });
    stores.set(folder, [...(stores.get(folder) ?? []), store]);
    return store;
  },
};

/** A folder as each version of the format has it. */
const FIXTURES = join(import.meta.dirname, "fixtures");
