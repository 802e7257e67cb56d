import { OmniQError, messageOf } from "../errors/omniq-error.ts";
import { ValidationError } from "../errors/validation-error.ts";

/** What is wrong with one item. An item of another shape altogether is told of in words, too. */
export function itemError(thrown: unknown, what: string): OmniQError {
  if (thrown instanceof OmniQError) return thrown;
  return new ValidationError(`invalid_${what}`, `The ${what} cannot be used: ${messageOf(thrown)}`, {
    cause: thrown,
  });
}
