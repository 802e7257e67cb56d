import type { ServerFacts } from "@omniq/connection-postgres";
import { StorageError } from "@omniq/core";
import { emitWarningOnce } from "@omniq/core/storage";

/** @throws StorageError `unsupported_encoding` where some texts cannot be stored, and would fail whatever comes with them */
export function checkEncoding({ encoding }: ServerFacts, place: string): void {
  if (encoding === "UTF8") return;
  throw new StorageError(
    "unsupported_encoding",
    `${place} keeps text as ${encoding}, which cannot hold every character. Nothing was changed. Create a database with ` +
      "`encoding 'UTF8' template template0`, and name that.",
  );
}

/** Tells how tasks could be lost on a server that is set up so, whatever the store promises; once a process. */
export function warnOfRisks(facts: ServerFacts, place: string): void {
  const off = (["fsync", "full_page_writes"] as const).filter((name) => facts[name] === "off");
  if (off.length === 0) return;
  const advice = "(set to on, unless what the server stores on makes up for it)";
  emitWarningOnce(
    "OMNIQ_POSTGRES_MAY_LOSE_TASKS",
    `${place} may lose or damage all tasks when its machine fails: ${off.join(", ")} is off ${advice}`,
  );
}
