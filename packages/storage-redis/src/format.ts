import { StorageError } from "@omniq/core";

/** The version of what is stored. A store of a later one is left alone. */
export const FORMAT = 1;

/**
 * Marks an empty place as ours, or finds the mark. `open` runs the script of that name.
 *
 * @throws StorageError `foreign_key`, `schema_too_new`
 */
export async function checkFormat(base: string, open: (args: string[]) => Promise<unknown>): Promise<void> {
  const [kind, found] = (await open([String(FORMAT)])) as [string, string];
  if (kind === "foreign") {
    const message = `Somebody else made the key ${base}${found}. Choose another prefix; nothing was changed.`;
    throw new StorageError("foreign_key", message);
  }
  if (Number(found) > FORMAT) {
    const message = `What ${base} holds has format ${found}, and this version knows ${FORMAT}`;
    throw new StorageError("schema_too_new", `${message}. Use a newer release; nothing was changed.`);
  }
}
