import assert from "node:assert/strict";
import { startPgBouncer } from "@omniq/services";
import { claim, complete, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();

describe("behind PgBouncer in transaction mode", () => {
  it.each([undefined, false])(
    "everything is done without a session (preparedStatements: %s)",
    async (prepared) => {
      const { hostname: host, port } = new URL(place.url);
      const pooler = await startPgBouncer({ host, port: Number(port) }, 2);
      place.defer(() => pooler.stop());
      const options = { url: pooler.url, ...(prepared !== undefined && { preparedStatements: prepared }) };
      const stores = [place.store(options), place.store(options)];
      await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          enqueueOne(stores[index % 2] ?? place.store(), { priority: index % 3 }),
        ),
      );
      // There is nothing to listen on; polling is told to do.
      const watch = await stores[0]?.watch(() => {});
      const done = await Promise.all(
        stores.map(async (store) => {
          const tasks = await claim(store, 25);
          return Promise.all(tasks.map(async (task) => (await complete(store, task)).status));
        }),
      );
      assert.equal(done.flat().filter((status) => status === "settled").length, 40);
      await watch?.close();
      const groups = [
        [
          { name: "work", id: "x" },
          { name: "work", id: "y" },
        ],
      ];
      await stores[0]?.enqueue({ groups });
      assert.equal((await stores[1]?.listTasks({ status: "PENDING" }))?.tasks.length, 2);
    },
  );
});
