import { isArgumentError } from "../errors/validation-error.ts";

/** Has an error about an item of a call say which, and where the call was made. Others come back as they are. */
export function atItem(thrown: unknown, index: number): unknown {
  if (!isArgumentError(thrown)) return thrown;
  thrown.message = `items[${index}]: ${thrown.message}`;
  Error.captureStackTrace(thrown, atItem);
  return thrown;
}
