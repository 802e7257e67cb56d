import { crc32 } from "node:zlib";
import { ValidationError } from "../errors/validation-error.ts";

const SUM_LENGTH = 8;

/** A store's own cursor, as callers get it: behind a sum, so that a text which is none of this call's is told from one. */
export function sealCursor(call: string, cursor: string | null): string | null {
  return cursor === null ? null : sumOf(call, cursor) + cursor;
}

/** The store's own cursor again. @throws ValidationError `invalid_cursor` */
export function openCursor(call: string, cursor: string | null): string | null {
  if (cursor === null) return null;
  const own = typeof cursor === "string" ? cursor.slice(SUM_LENGTH) : "";
  if (cursor === sumOf(call, own) + own) return own;
  throw new ValidationError(
    "invalid_cursor",
    `A cursor of ${call} is what an earlier page of it answered, as it is. Leave it out, or give null, for the first page.`,
    { field: "cursor" },
  );
}

function sumOf(call: string, cursor: string): string {
  return crc32(`${call} ${cursor}`).toString(16).padStart(SUM_LENGTH, "0");
}
