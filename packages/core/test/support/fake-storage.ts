import { type AdapterInfo, BaseStorage, type BaseStorageOptions, REQUIRED_HOOKS } from "@omniq/core/storage";

/** What a hook of a fake store does. It may answer at once. */
type Hook = (...args: never[]) => unknown;

interface FakeOptions extends BaseStorageOptions {
  readonly capabilities?: AdapterInfo["capabilities"];
}

/** A store without a place. Its hooks are the test's; the names of those that were called are kept in order. */
export interface FakeStorage extends BaseStorage {
  readonly calls: readonly string[];
}

/** A fake store that opens, closes, and has these hooks; any other fails. */
export function fakeStorage(
  hooks: Readonly<Record<string, Hook>> = {},
  { capabilities = {}, ...options }: FakeOptions = {},
): FakeStorage {
  const calls: string[] = [];
  const all: Readonly<Record<string, Hook>> = { doOpen: () => {}, doClose: () => {}, ...hooks };
  // TypeScript would want each hook by name; the base class looks for them when it is constructed.
  const Base = BaseStorage as unknown as new (...args: readonly unknown[]) => object;
  class Subclass extends Base {
    readonly calls = calls;
  }
  for (const name of new Set([...REQUIRED_HOOKS, ...Object.keys(hooks)])) {
    const hook = all[name];
    Object.defineProperty(Subclass.prototype, name, {
      value: async (...args: never[]): Promise<unknown> => {
        calls.push(name);
        if (!hook) throw new Error(`The test has no ${name}`);
        return hook(...args);
      },
    });
  }
  const adapter: AdapterInfo = { name: "fake", version: "1.2.3", capabilities };
  return new Subclass(adapter, options) as unknown as FakeStorage;
}
