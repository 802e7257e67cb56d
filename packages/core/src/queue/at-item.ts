import { SerializationError, ValidationError } from "../errors/validation-error.ts";

/** Has an error about one item of a call say which; its code stays. Others come back as they are. */
export function atItem(thrown: unknown, index: number): unknown {
  if (!(thrown instanceof ValidationError || thrown instanceof SerializationError)) return thrown;
  const { message, stack } = thrown;
  const located = `items[${index}]: ${message}`;
  thrown.message = located;
  // It begins with the message as that was.
  if (stack !== undefined) thrown.stack = stack.replace(message, () => located);
  return thrown;
}
