/** Whether something is to be awaited: a promise, whoever made it. */
export function isThenable<T = unknown>(value: unknown): value is PromiseLike<T> {
  return typeof (value as Partial<PromiseLike<T>> | null | undefined)?.then === "function";
}
