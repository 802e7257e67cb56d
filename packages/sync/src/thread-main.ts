/** The thread in which the asynchronous side runs. Whatever ends it, the caller hears of it, for it cannot look. */
import { workerData } from "node:worker_threads";
import type { Sent, ThreadData } from "./messages.ts";

const data = workerData as ThreadData;
// Adapters are found from the application's entry file, which a thread does not see by itself.
if (data.entry !== null) process.argv[1] = data.entry;

const { Host } = await import("./thread-host.ts");
const host = new Host(data);
process.on("uncaughtException", (error) => {
  host.end(error);
  process.exit(1);
});
process.on("exit", (code) => host.end(new Error(`The thread was ended with code ${code}`)));
// The caller's process warns, once.
process.removeAllListeners("warning");
process.on("warning", ({ name, message, ...rest }: Error & { readonly code?: string }) => {
  host.send({ warning: { name, message, code: rest.code } } satisfies Sent);
});
