/** CPU-bound tasks in worker threads. */
export type { ThreadContext } from "./thread-call.ts";
export { ThreadPool, type ThreadPoolOptions } from "./thread-pool.ts";
