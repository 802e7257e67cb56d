import assert from "node:assert/strict";
import { enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();

describe("a database that is set to be read only for a while", () => {
  it("is said to be, and takes writes of the same store as soon as it is no longer", async () => {
    const name = `${place.schema}_read_only`;
    await place.sql(`create database ${name}`);
    place.defer(() => place.sql(`drop database ${name} with (force)`));
    const url = new URL(place.url);
    url.pathname = name;
    const store = place.store({ url: url.href, connection: { max: 1 } });
    const id = await enqueueOne(store);
    await place.sql(`alter database ${name} set default_transaction_read_only = on`);
    await place.sql("select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = $1", [
      name,
    ]);
    // The connection that was ended may have to be found out by a call that fails.
    await store.getTask(id).catch(() => {});
    const refusal = { name: "StorageError", code: "read_only", retryable: true, outcome: "not-applied" };
    await assert.rejects(enqueueOne(store), refusal);
    assert.equal((await store.getTask(id))?.status, "PENDING");
    await assert.rejects(store.pauseQueue("default"), refusal);
    await place.sql(`alter database ${name} reset default_transaction_read_only`);
    await store.pauseQueue("default");
    await enqueueOne(store);
  });
});
