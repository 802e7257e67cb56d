import { OmniQError } from "./omniq-error.ts";

/** What was refused about an argument. */
export interface ValidationDetails {
  /** The argument or path that is wrong, such as `priority` or `payload.items[2].price`. */
  readonly field?: string;
  /** The single problems, where there are several (those of a schema, for instance). */
  readonly issues?: readonly ValidationIssue[];
  readonly cause?: unknown;
}

/** One problem that a schema found. */
export interface ValidationIssue {
  /** Where, as `payload.items[2].price`. */
  readonly path: string;
  readonly message: string;
}

/** A bad argument. It is raised before anything is written. */
export class ValidationError extends OmniQError {
  /** The argument that is not usable, as a path: `options.retry`; null where it is no single one. */
  readonly field: string | null;
  /** What a schema found, each with its path; empty where no schema was asked. */
  readonly issues: readonly ValidationIssue[];

  constructor(code: string, message: string, details: ValidationDetails = {}) {
    super(code, message, details.cause === undefined ? undefined : { cause: details.cause });
    this.field = details.field ?? null;
    this.issues = details.issues ?? [];
  }
}

/** A payload, result or id is larger than the store takes. Codes: `payload_too_large`, `result_too_large`. */
export class PayloadTooLargeError extends ValidationError {
  readonly bytes: number;
  readonly maxBytes: number;

  constructor(what: "payload" | "result" | "headers" | "progress", bytes: number, maxBytes: number) {
    super(
      `${what}_too_large`,
      `${bytes} bytes of ${what} once serialized are more than the ${maxBytes} that this store takes. ` +
        "Store the bulk elsewhere and pass a reference to it.",
      { field: what },
    );
    this.bytes = bytes;
    this.maxBytes = maxBytes;
  }
}

/**
 * A value that the serializer cannot keep unchanged (`not_serializable`, with the path to it), or stored text
 * that it cannot read (`not_deserializable`).
 */
export class SerializationError extends OmniQError {
  /** Where in the value, as `payload.items[2].when`; null where the whole text is meant. */
  readonly path: string | null;

  constructor(
    code: "not_serializable" | "not_deserializable",
    message: string,
    details: { readonly path?: string; readonly cause?: unknown } = {},
  ) {
    super(code, message, details.cause === undefined ? undefined : { cause: details.cause });
    this.path = details.path ?? null;
  }
}

/** Whether an error says that what a caller has passed cannot be used. */
export function isArgumentError(thrown: unknown): thrown is ValidationError | SerializationError {
  return thrown instanceof ValidationError || thrown instanceof SerializationError;
}

/** A storage class lacks part of the contract. */
export class NotImplementedError extends OmniQError {
  /** The missing hooks. */
  readonly missing: readonly string[];

  constructor(message: string, missing: readonly string[]) {
    super("not_implemented", message);
    this.missing = missing;
  }
}
