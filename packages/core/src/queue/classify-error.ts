import { isA, readable } from "../errors/omniq-error.ts";
import { ErrorType } from "../errors/task-error.ts";
import { PayloadTooLargeError, SerializationError, ValidationError } from "../errors/validation-error.ts";

const BY_CODE: ReadonlyMap<string, ErrorType> = new Map<string, ErrorType>([
  ["ETIMEDOUT", ErrorType.TIMEOUT],
  ["ESOCKETTIMEDOUT", ErrorType.TIMEOUT],
  ["UND_ERR_CONNECT_TIMEOUT", ErrorType.TIMEOUT],
  ["UND_ERR_HEADERS_TIMEOUT", ErrorType.TIMEOUT],
  ["UND_ERR_BODY_TIMEOUT", ErrorType.TIMEOUT],
  ["ECONNREFUSED", ErrorType.NETWORK],
  ["ECONNRESET", ErrorType.NETWORK],
  ["ECONNABORTED", ErrorType.NETWORK],
  ["EPIPE", ErrorType.NETWORK],
  ["ENOTFOUND", ErrorType.NETWORK],
  ["EAI_AGAIN", ErrorType.NETWORK],
  ["EHOSTUNREACH", ErrorType.NETWORK],
  ["ENETUNREACH", ErrorType.NETWORK],
  ["UND_ERR_SOCKET", ErrorType.NETWORK],
  ["ENOENT", ErrorType.RESOURCE],
  ["EACCES", ErrorType.RESOURCE],
  ["EPERM", ErrorType.RESOURCE],
  ["ENOSPC", ErrorType.RESOURCE],
  ["EMFILE", ErrorType.RESOURCE],
  ["ENFILE", ErrorType.RESOURCE],
  ["ENOMEM", ErrorType.RESOURCE],
  ["EROFS", ErrorType.RESOURCE],
  ["EBUSY", ErrorType.RESOURCE],
]);

/** What kind of failure an error is. */
export interface ErrorClass {
  /** One of {@link ErrorType}, or a lower-case name of your own. */
  readonly errorType: string;
  /** Whether trying again can help. */
  readonly isRetryable: boolean;
}

/** What an application makes of what its handlers throw. What it leaves out is as {@link classifyError} says. */
export type ErrorClassifier = (thrown: unknown) => Partial<ErrorClass> | null | undefined;

/** The error type of what a handler threw, and whether trying again can help. TaskErrors say it of themselves. */
export function classifyError(thrown: unknown): ErrorClass {
  if (isA(thrown, ValidationError) || isA(thrown, SerializationError) || isA(thrown, PayloadTooLargeError)) {
    return { errorType: ErrorType.VALIDATION, isRetryable: false };
  }
  return { errorType: readable(() => typeOf(thrown), ErrorType.RUNTIME), isRetryable: true };
}

/** From the thing itself, or else from what caused it (a failed fetch, say, names its socket error as the cause). */
function typeOf(thrown: unknown): ErrorType {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth++) {
    if (error.name === "TimeoutError") return ErrorType.TIMEOUT;
    const type = BY_CODE.get(String((error as Error & { readonly code?: unknown }).code));
    if (type) return type;
  }
  return thrown instanceof Error ? ErrorType.RUNTIME : ErrorType.UNKNOWN;
}
