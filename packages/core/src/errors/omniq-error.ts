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
  return readable(() => String(isA(thrown, Error) ? thrown.message : thrown), "an error that cannot be read");
}

/** What `look` sees, or `otherwise` where it throws: a getter or a proxy among what was thrown may do so. */
export function readable<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}

/** As `instanceof`, of anything that was thrown. */
export function isA<T>(thrown: unknown, type: abstract new (...args: never) => T): thrown is T {
  return readable(() => thrown instanceof type, false);
}
