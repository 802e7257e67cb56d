import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BaseStorage } from "@omniq/core/storage";
import { type PostgresServer, startPostgres } from "@omniq/services";
import { PostgresStorage } from "@omniq/storage-postgres";
import type { ConnectOptions, Place, PlaceNeeds, StorageHarness } from "@omniq/storage-testkit";
import { Client, Pool } from "pg";
import { KnownClients, rowsRead } from "./support/claim-work.ts";
import { type Version, serverUrl } from "./support/servers.ts";

/** Where a place lies. */
interface Config {
  readonly url: string;
  readonly schema: string;
}

const clients = new KnownClients();
let places = 0;

/** How the kit gets at this adapter. */
export const harness = harnessOf(18, import.meta.url);

/** Each place is a schema on a server of this version. */
export function harnessOf(version: Version, module: string): StorageHarness<Config> {
  const name = version === 18 ? "postgres" : `postgres ${version}`;
  return { name, module, setUp: (needs) => setUp(version, needs), connect };
}

function connect(config: Config, { address, timeoutMs, ...options }: ConnectOptions): BaseStorage {
  const url = new URL(config.url);
  if (address) url.host = `${address.host}:${address.port}`;
  return new PostgresStorage({
    ...options,
    ...(timeoutMs !== undefined && { timeout: { milliseconds: timeoutMs } }),
    url: url.href,
    schema: config.schema,
    connection: { Client: clients.classFor(config.schema) },
    testClock: true,
  });
}

async function setUp(version: Version, { ownServer }: PlaceNeeds): Promise<Place<Config>> {
  const server = ownServer ? await startPostgres({ version }) : null;
  const url = server?.url ?? (await serverUrl(version));
  const schema = `kit_${process.pid}_${Date.now()}_${++places}`;
  // The time can be set once the schema is there.
  const control = new PostgresStorage({ url, schema, testClock: true });
  const admin = new Pool({ connectionString: url, max: 1, idleTimeoutMillis: 0 });
  admin.on("error", () => {});
  await control.open();
  const begun: Client[] = [];
  let read = 0;
  return {
    config: { url, schema },
    setNow: (now) => control.setTestClock(now),
    async claimWork() {
      await clients.reportStatistics(schema);
      const before = read;
      read = await rowsRead(admin, schema);
      return read - before;
    },
    async corrupt(taskId) {
      await admin.query(`update ${schema}.tasks set payload = '{', policies = '{' where id = $1`, [taskId]);
    },
    async begin() {
      const via = new Client({ connectionString: url });
      begun.push(via);
      await via.connect();
      await via.query("begin");
      return {
        via,
        commit: async () => void (await via.query("commit")),
        rollBack: async () => void (await via.query("rollback")),
      };
    },
    server: serverOf(url, server),
    syncSettings: { fsync: "on", full_page_writes: "on", synchronous_commit: "on" },
    format: {
      fixtures: [{ name: "schema 1", load: () => load(admin, schema, "schema-1.sql") }],
      async makeNewer() {
        await admin.query(`update ${schema}.omniq_meta set value = value + 1 where key = 'schema_version'`);
      },
      contents: () => contentsOf(admin, schema),
    },
    async cleanUp() {
      await Promise.all(begun.map((client) => client.end()));
      await control.close();
      clients.forget(schema);
      if (!server) await admin.query(`drop schema if exists ${schema} cascade`);
      await admin.end();
      await server?.stop();
    },
  };
}

function serverOf(url: string, server: PostgresServer | null): NonNullable<Place["server"]> {
  const { hostname: host, port } = new URL(url);
  const address = { host, port: Number(port) };
  return server ? { ...address, kill: () => server.kill(), start: () => server.start() } : address;
}

/** A schema as an earlier release has written it, in place of the present one. */
async function load(admin: Pool, schema: string, fixture: string): Promise<void> {
  const text = readFileSync(join(import.meta.dirname, "fixtures", fixture), "utf8");
  await admin.query(`drop schema ${schema} cascade`);
  await admin.query(text.replaceAll("fixture_schema", schema));
}

/** Every row of every table, and the columns. */
async function contentsOf(admin: Pool, schema: string): Promise<string> {
  const { rows } = await admin.query<{ readonly xml: string }>(
    "select schema_to_xml($1::name, true, true, '') as xml",
    [schema],
  );
  return rows.map(({ xml }) => xml).join("");
}
