import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CompositeStorage } from "@omniq/core";
import { SQLiteStorage } from "@omniq/storage-sqlite";
import type { StorageHarness } from "@omniq/storage-testkit";
import { FIXTURE, change, contentsOf, load } from "./harness.ts";
import { claimPlan } from "./support/claim-plan.ts";

/** How the kit gets at tasks, results and events that lie in three databases of one folder. */
export const harness: StorageHarness<string> = {
  name: "composite",
  module: import.meta.url,
  async setUp() {
    const folder = mkdtempSync(join(tmpdir(), "omniq-composite-"));
    const tasks = join(folder, "tasks.db");
    return {
      config: folder,
      claimPlan: (now) => claimPlan(tasks, now),
      corrupt: (taskId) =>
        change(tasks, "update tasks set payload = substr(payload, 2), policies = '{' where id = ?", taskId),
      files: { folder, configAt: (other) => other },
      format: {
        fixtures: [
          {
            name: "schema 1",
            load: async () => {
              // What one store has kept so far can be parted among three.
              for (const part of ["tasks", "results", "events"]) load(join(folder, `${part}.db`), FIXTURE);
            },
          },
        ],
        makeNewer: () =>
          change(tasks, "update omniq_meta set value = value + 1 where key = ?", "schema_version"),
        contents: async () => contentsOf(tasks),
      },
      cleanUp: async () => rmSync(folder, { recursive: true, force: true }),
    };
  },
  connect(folder, options) {
    const part = (name: string): SQLiteStorage =>
      new SQLiteStorage({ ...options, path: join(folder, `${name}.db`) });
    return new CompositeStorage({ tasks: part("tasks"), results: part("results"), events: part("events") });
  },
};
