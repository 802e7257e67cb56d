import type { BaseStorage, REQUIRED_HOOKS, StorageHooks } from "@omniq/core/storage";

type AnyHook = (...args: readonly unknown[]) => Promise<unknown>;

/** The names of hooks. They are protected, so the type of the class does not list them. */
export type HookName = (typeof REQUIRED_HOOKS)[number] | "doExchange" | "doNotify" | "doWatch";

/**
 * Puts something in front of a hook of this one instance: a fault, or a look at what the hook is given.
 *
 * @param replacement gets the hook's arguments and the hook itself.
 */
export function interceptHook(
  store: BaseStorage & StorageHooks,
  hook: HookName,
  replacement: (args: readonly unknown[], original: AnyHook) => Promise<unknown>,
): void {
  const members = store as unknown as Record<HookName, AnyHook>;
  const original = members[hook].bind(store);
  Object.defineProperty(store, hook, {
    configurable: true,
    value: (...args: readonly unknown[]) => replacement(args, original),
  });
}
