import { openOmniQ } from "./open.ts";

/** A worker process: runs tasks of the database that it is given until its parent says stop, or is gone. */
const [database] = process.argv.slice(2);
if (!database) throw new Error("worker needs the path of a database");

const omniq = await openOmniQ(database);
const worker = omniq.worker({
  concurrency: 4,
  lease: "5s",
  shutdownTimeout: "10s",
  queues: [{ name: "urgent", weight: 3 }, "default"],
});
const stop = (): void =>
  void omniq.close().then(() => {
    if (process.connected) process.disconnect();
  });
process.once("message", stop);
process.once("disconnect", stop);
await worker.start();
