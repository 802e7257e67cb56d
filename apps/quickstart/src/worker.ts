import { openOmniQ } from "./open.ts";

/** A worker process: runs tasks of the store that it is given until its parent says stop, or is gone. */
const [url] = process.argv.slice(2);
if (!url) throw new Error("worker needs the URL of a store");

const omniq = await openOmniQ(url);
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
