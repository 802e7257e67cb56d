import { startPostgres } from "@omniq/services";

/** The variable of the environment that names a server of each version. */
const VARIABLES = { 15: "OMNIQ_TEST_POSTGRES_15_URL", 18: "OMNIQ_TEST_POSTGRES_URL" } as const;

export type Version = keyof typeof VARIABLES;

const started = new Map<Version, Promise<string>>();

/** The server of this run; one that is started here, once a process, where nobody has said which. */
export async function serverUrl(version: Version = 18): Promise<string> {
  const given = process.env[VARIABLES[version]];
  if (given !== undefined) return given;
  const url = started.get(version) ?? startPostgres({ version }).then((server) => server.url);
  started.set(version, url);
  return url;
}

const stops: (() => Promise<void>)[] = [];

/** Starts the servers that the environment does not name, one of each version for all test files of a run. */
export async function setup(): Promise<void> {
  for (const version of [15, 18] as const) {
    if (process.env[VARIABLES[version]] !== undefined) continue;
    const server = await startPostgres({ version });
    process.env[VARIABLES[version]] = server.url;
    stops.push(() => server.stop());
  }
}

export async function teardown(): Promise<void> {
  for (const stop of stops) await stop();
}
