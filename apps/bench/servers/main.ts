import { startPostgres, startRedis } from "@omniq/services";

/**
 * A server for the bench, in a process of its own: `main.ts postgres` or `main.ts redis`. Sends its URL, and ends with the
 * process that asked for it.
 */
const start: Readonly<Record<string, () => Promise<{ readonly url: string; stop(): Promise<void> }>>> = {
  postgres: () => startPostgres({ version: 18, fsync: true }),
  redis: () => startRedis({ appendfsync: "everysec" }),
};

const wanted = start[process.argv[2] ?? ""];
if (!wanted || !process.send) throw new Error("To be forked with the name of a server: postgres or redis");
const server = await wanted();
process.send(server.url);
process.once("disconnect", () => void server.stop().then(() => process.exit(0)));
