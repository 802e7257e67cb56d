import { type DurationInput, StorageError, durationMs } from "@omniq/core";
import type { Watch } from "@omniq/core/storage";
import { OBJECT_ID, type Thread } from "./thread.ts";

/** The methods of that name, each answering at once what its promise would resolve to, or throwing what it would reject. */
export type Blocking<T, K extends keyof T> = {
  readonly [Name in K]: T[Name] extends (...args: infer Args) => infer Answer
    ? (...args: Args) => Answered<Awaited<Answer>>
    : never;
};

/** What is answered with methods of its own blocks as well. */
type Answered<T> = [T] extends [Watch] ? WatchSync : T;

/** The end of a `watch`. Hints come while a call blocks, and between the turns of the caller's event loop. */
export interface WatchSync {
  close(): void;
}

/** Stands for an object in a thread. */
export abstract class Twin {
  /** The thread that the real object lives in. */
  readonly thread: Thread;
  readonly [OBJECT_ID]: number;

  constructor(thread: Thread, object: number) {
    this.thread = thread;
    this[OBJECT_ID] = object;
  }
}

type TwinClass<Methods> = abstract new (thread: Thread, object: number) => Twin & Methods;

/** A class whose methods of these names ask the real object. This is all there is to a twin. */
export function twinOf<T, K extends keyof T & string>(names: readonly K[]): TwinClass<Blocking<T, K>> {
  abstract class Blocked extends Twin {}
  for (const name of names) {
    Object.defineProperty(Blocked.prototype, name, {
      configurable: true,
      writable: true,
      value(this: Twin, ...args: unknown[]): unknown {
        refuseVia(args);
        return this.thread.call(this[OBJECT_ID], name, args, waitOf(args));
      },
    });
  }
  return Blocked as unknown as TwinClass<Blocking<T, K>>;
}

/** A transaction of the caller's is of no use in another thread. */
export function refuseVia(args: readonly unknown[]): void {
  if (!args.some((arg) => (arg as { readonly via?: unknown } | null | undefined)?.via !== undefined)) return;
  throw new StorageError(
    "via_unsupported",
    "A blocking call cannot join a transaction: the store is in another thread. Leave out `via`, and enqueue after the commit.",
  );
}

/** How long `getResult` waits where it is not said. */
const DEFAULT_WAIT = "60s";

/** How long a call was told to wait, beyond the limit of every call. */
function waitOf(args: readonly unknown[]): number {
  const { wait, timeout } = (args.at(-1) ?? {}) as {
    readonly wait?: boolean;
    readonly timeout?: DurationInput;
  };
  const given = timeout ?? (wait ? DEFAULT_WAIT : null);
  try {
    return given === null ? 0 : durationMs(given, "timeout");
  } catch {
    // The real method says what is wrong with it.
    return 0;
  }
}
