/** The root of every error that OmniQ raises. Match on `code`, which is frozen; never on the message. */
export abstract class OmniQError extends Error {
  /** A stable name for what went wrong, in snake_case. */
  readonly code: string;

  constructor(code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The text of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  return typeof thrown === "string" ? thrown : String(thrown);
}
