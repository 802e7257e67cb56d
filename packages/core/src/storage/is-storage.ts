import { BaseStorage } from "./base-storage.ts";

/** Whether a value is a store, of this copy of the package or another. */
export function isStorage(value: unknown): value is BaseStorage {
  return (
    value instanceof BaseStorage || typeof (value as Partial<BaseStorage> | null)?.exchange === "function"
  );
}
