import { StorageError } from "../errors/storage-error.ts";

/** @throws StorageError `unsupported_runtime` where Node is too old: it would fail somewhere in the middle of its work. */
export function checkRuntime(): void {
  if ("withResolvers" in Promise) return;
  throw new StorageError(
    "unsupported_runtime",
    `OmniQ needs Node 22.18 or newer, and this is ${process.version}. Run the program with a newer one; nothing was changed.`,
  );
}
