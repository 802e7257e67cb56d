import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { StorageHarness } from "../harness.ts";

/** The module of an adapter's harness is no use. The message is one line that says why. */
export class HarnessError extends Error {
  override readonly name = "HarnessError";
}

/**
 * The harness that a module exports, as `harness` or as its default.
 *
 * @param path a file, from the working folder, or the URL of one.
 * @throws HarnessError
 */
export async function loadHarness(path: string): Promise<StorageHarness> {
  const module = await load(path);
  const harness = module["harness"] ?? module["default"];
  if (isHarness(harness)) return harness;
  throw new HarnessError(
    `${path} exports no harness: export { name, setUp(), connect() } as "harness" or as the default (it exports ${Object.keys(module).join(", ") || "nothing"})`,
  );
}

async function load(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(path.startsWith("file:") ? path : pathToFileURL(resolve(path)).href)) as Readonly<
      Record<string, unknown>
    >;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new HarnessError(`${path} does not load: ${why.split("\n")[0]}`, { cause: error });
  }
}

function isHarness(value: unknown): value is StorageHarness {
  const { name, setUp, connect } = (value ?? {}) as Partial<StorageHarness>;
  return typeof name === "string" && typeof setUp === "function" && typeof connect === "function";
}
