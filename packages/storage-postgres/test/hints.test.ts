import assert from "node:assert/strict";
import { once } from "node:events";
import { enqueueOne } from "@omniq/test-support/steps";
import { describe, it, vi } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();

describe("an enqueue that comes alone", () => {
  it("tells of itself as it commits, with no statement beside it", async () => {
    const pool = place.pool({ max: 1 });
    const store = place.store({ pool });
    await store.open();
    const listener = await place.pool().connect();
    place.defer(() => listener.release(true));
    await listener.query(`listen omniq_${place.schema}`);
    const notified = once(listener, "notification");
    let told = 0;
    listener.on("notification", () => told++);

    const client = await pool.connect();
    const query = vi.spyOn(client, "query");
    client.release();
    await enqueueOne(store);
    await notified;
    // What it owes anybody is told before it closes.
    await store.close();
    await listener.query("select");

    assert.equal(told, 1);
    assert.equal(query.mock.calls.length, 1);
  });

  it("is stored all the same by a user who may give no hints", async () => {
    const name = `${place.schema}_mute`;
    await place.sql(`create database ${name}`);
    await place.sql(`create role ${name} login password '${name}'`);
    place.defer(() => place.sql(`drop role ${name}`));
    place.defer(() => place.sql(`drop database ${name} with (force)`));
    const url = Object.assign(new URL(place.url), { pathname: `/${name}`, username: name, password: name });
    const admin = place.pool({
      connectionString: Object.assign(new URL(place.url), { pathname: `/${name}` }).href,
    });
    await admin.query(
      `revoke execute on function pg_notify from public; grant create on database ${name} to ${name}`,
    );
    const store = place.store({ url: url.href });
    for (const id of ["a", "b"]) await enqueueOne(store, { id });
    assert.equal((await store.listTasks()).tasks.length, 2);
  });
});
