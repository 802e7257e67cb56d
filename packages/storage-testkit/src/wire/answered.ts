import { AssertionError } from "node:assert/strict";
import { expectStorageError, expectThat, show } from "../expect.ts";
import { eventually, within } from "../within.ts";

/** How long calls over a broken wire may take; a real time, since no clock of ours moves what happens on a wire. */
export const CALL_LIMIT_MS = 1000;

/**
 * Makes a call again and again until it resolves, as an application does whose connection was lost. What it rejects with
 * on the way must be an error of ours that says that trying again makes sense.
 */
export async function untilAnswered<T>(what: string, call: () => Promise<T>): Promise<T> {
  let answer: { readonly value: T } | null = null;
  const isAnswered = async (): Promise<boolean> => {
    try {
      answer = { value: await call() };
      return true;
    } catch (error) {
      if (!(error instanceof Error) || error instanceof AssertionError) throw error;
      expectStorageError(error, what);
      expectThat(
        (error as { retryable?: boolean }).retryable === true,
        `${what}, the connection lost, rejected ${error.name} (${error.message}), which says that it is not to be tried again`,
      );
      return false;
    }
  };
  await eventually(isAnswered, `${what} has not been answered, the wire being whole again,`);
  return (answer as unknown as { readonly value: T }).value;
}

/** A call that must settle one way or the other, whatever has become of the wire. */
export async function expectSettled(what: string, call: () => Promise<unknown>): Promise<void> {
  const settle = async (): Promise<void> => {
    try {
      await call();
    } catch (error) {
      expectThat(error instanceof Error, `${what} rejected ${show(error)}, which is no Error`);
      expectStorageError(error, what);
    }
  };
  await within(10 * CALL_LIMIT_MS, settle, `${what} has not settled, its limit being ${CALL_LIMIT_MS} ms,`);
}
