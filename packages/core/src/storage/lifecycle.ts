import { ClosedError } from "../errors/storage-error.ts";
import { isArgumentError } from "../errors/validation-error.ts";
import { type StorageCall, doing, toStorageFailure } from "./storage-failure.ts";

/**
 * Opens on first use, closes once, and counts the calls in between. A failed open may be tried again; a close
 * waits for the calls that are under way, and every later call is refused.
 */
export class Lifecycle {
  readonly #open: () => Promise<void>;
  readonly #close: () => Promise<void>;
  #opening: Promise<void> | null = null;
  #closing: Promise<void> | null = null;
  #isOpen = false;
  #calls = 0;
  #onIdle: (() => void) | null = null;

  constructor(open: () => Promise<void>, close: () => Promise<void>) {
    this.#open = open;
    this.#close = close;
  }

  /** Runs `work` on the open store. Whatever it throws comes out as an error of ours. */
  async call<T>(name: StorageCall, subject: string | null, work: () => Promise<T>): Promise<T> {
    if (this.#closing) throw new ClosedError(doing(name, subject));
    this.#calls++;
    try {
      if (!this.#isOpen) await this.open();
      return await work();
    } catch (thrown) {
      // What looks at arguments lies so deep that the stack would not reach whoever has passed them.
      if (isArgumentError(thrown)) Error.captureStackTrace(thrown);
      throw toStorageFailure(thrown, name, subject);
    } finally {
      if (--this.#calls === 0) this.#onIdle?.();
    }
  }

  open(): Promise<void> {
    this.#opening ??= this.#open().then(
      () => {
        this.#isOpen = true;
      },
      (thrown: unknown) => {
        this.#opening = null;
        throw toStorageFailure(thrown, "open", null);
      },
    );
    return this.#opening;
  }

  close(): Promise<void> {
    this.#closing ??= this.#settleAndClose();
    return this.#closing;
  }

  async #settleAndClose(): Promise<void> {
    if (this.#calls > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    await this.#opening?.catch(() => {});
    if (!this.#isOpen) return;
    try {
      await this.#close();
    } catch (thrown) {
      throw toStorageFailure(thrown, "close", null);
    }
  }
}
