import assert from "node:assert/strict";
import { startPostgres } from "@omniq/services";
import { enqueueOne } from "@omniq/test-support/steps";
import { describe, it, vi } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();

/** A database of its own, which goes after the test. */
async function databaseOf(encoding: string): Promise<string> {
  const name = `${place.schema}_${encoding.toLowerCase()}`;
  await place.sql(
    `create database ${name} encoding '${encoding}' template template0 lc_collate 'C' lc_ctype 'C'`,
  );
  place.defer(() => place.sql(`drop database ${name} with (force)`));
  const url = new URL(place.url);
  url.pathname = name;
  return url.href;
}

describe("a database whose encoding is not UTF8", () => {
  it.each(["LATIN1", "SQL_ASCII"])(
    "is refused when it is opened, and left as it is: %s",
    async (encoding) => {
      const url = await databaseOf(encoding);
      await assert.rejects(enqueueOne(place.store({ url })), {
        name: "StorageError",
        code: "unsupported_encoding",
        retryable: false,
        outcome: "not-applied",
        message: new RegExp(`keeps text as ${encoding}, .* .encoding 'UTF8'`),
      });
      const schemas = "select from pg_namespace where nspname = $1";
      const { rows } = await place.pool({ connectionString: url }).query(schemas, [place.schema]);
      assert.deepEqual(rows, []);
    },
  );

  it("is not one that is UTF8 and sorts otherwise", async () => {
    await enqueueOne(place.store({ url: await databaseOf("UTF8") }), { payload: { to: "👩‍🚀" } });
  });
});

describe("a server that may lose what it has acknowledged", () => {
  it("is warned of, once", async () => {
    const server = await startPostgres({ fsync: false });
    place.defer(() => server.stop());
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    place.defer(() => warn.mockRestore());
    for (const _ of [1, 2]) await place.store({ url: server.url }).open();
    const messages = warn.mock.calls.map(([message]) => String(message));
    assert.equal(messages.length, 1);
    assert.match(String(messages[0]), /may lose or damage all tasks .*: fsync is off/);
    assert.ok(messages[0]?.includes(`${server.port}/postgres`));
  });
});
