import type { BaseStorage } from "@omniq/core/storage";
import { STORAGE_METHODS, type StorageSync } from "@omniq/sync";

/** What answers at once in the contract itself. */
const IMMEDIATE = new Set(["decodePayload"]);
const METHODS = new Set<string | symbol>(
  [...STORAGE_METHODS, "close", "destroy"].filter((name) => !IMMEDIATE.has(name)),
);

/** Why the kit cannot put faults in front of an adapter's hooks through a twin: only what blocks is there to be called. */
export const HOOKS_ARE_ELSEWHERE = "the hooks of the store are promises in its thread, and a twin blocks";

/** A twin as the kit can call it: each blocking answer in a promise, and nothing else in between. */
export function promising(twin: StorageSync): BaseStorage {
  return new Proxy(twin, {
    get(target, name) {
      if (typeof name === "string" && /^do[A-Z]/.test(name)) throw new Error(HOOKS_ARE_ELSEWHERE);
      if (name === Symbol.asyncDispose) return async () => target.close();
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      const method = member.bind(target) as (...args: unknown[]) => unknown;
      if (!METHODS.has(name)) return method;
      return (...args: unknown[]) => new Promise((resolve) => resolve(method(...args)));
    },
  }) as unknown as BaseStorage;
}
