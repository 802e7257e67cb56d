/** Where in a value something is. */
export type Path = readonly (string | number)[];

/** What was taken out of a value, since data cannot carry it. */
export type Mark =
  | { readonly kind: "error"; readonly error: WireError }
  | { readonly kind: "interval"; readonly ms: number }
  | { readonly kind: "function"; readonly id: number }
  | { readonly kind: "object"; readonly id: number }
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "instance"; readonly id: number; readonly name: string }
  /** An instance that goes back to where it came from. */
  | { readonly kind: "returned"; readonly id: number };

/** A value as it crosses from one thread to another. */
export interface Wire {
  readonly value: unknown;
  readonly marks: readonly (readonly [Path, Mark])[];
}

/** An error as it crosses. */
export interface WireError {
  /** The nearest class that both sides know. */
  readonly className: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Its own fields: code, outcome, retryable, taskId, ... */
  readonly fields: Wire;
  readonly cause: Wire | null;
}
