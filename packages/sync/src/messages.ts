import type { MessagePort } from "node:worker_threads";
import type { Wire } from "./wire-types.ts";

/** Where the thread counts what it has sent, so that the caller can sleep until there is more. */
export const SENT = 0;
/** Where the caller counts the answers that it has given to the thread. */
export const ANSWERED = 1;

/** What a thread is started with. */
export interface ThreadData {
  /** The entry file of the application, from which adapters are found; null where there is none. */
  readonly entry: string | null;
  readonly counters: Int32Array<SharedArrayBuffer>;
  /** For requests, replies, and calls of the caller's functions. */
  readonly port: MessagePort;
  /** For what the caller's functions answer. */
  readonly answers: MessagePort;
}

/** What a thread can be told to make. */
export type Making = "storage" | "queue" | "omniq" | "worker" | "member";

/** What the caller asks of the thread. */
export type Request =
  /** Notes how to make an object, which is made when it is first used. Without a reply. */
  | { readonly make: Making; readonly object: number; readonly args: Wire }
  /** Has one made now. */
  | { readonly id: number; readonly start: number }
  | { readonly id: number; readonly call: string; readonly object: number; readonly args: Wire }
  | { readonly id: number; readonly get: string; readonly object: number }
  | { readonly id: number; readonly run: number; readonly args: Wire };

/** What the thread sends. */
export type Sent =
  | { readonly reply: number; readonly ok: boolean; readonly value: Wire }
  /** It waits until the caller has answered. */
  | { readonly callback: number; readonly args: Wire }
  /** The last thing that it sends. */
  | { readonly end: Wire }
  | {
      readonly warning: {
        readonly name: string;
        readonly message: string;
        readonly code: string | undefined;
      };
    };

/** What a function of the caller's came to. */
export interface Answer {
  readonly ok: boolean;
  readonly value: Wire;
}
