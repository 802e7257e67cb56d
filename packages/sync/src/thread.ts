import { extname } from "node:path";
import { MessageChannel, type MessagePort, Worker, receiveMessageOnPort } from "node:worker_threads";
import { ClosedError, StorageError, systemClock } from "@omniq/core";
import { type Callable, Functions } from "./functions.ts";
import {
  ANSWERED,
  type Answer,
  type Making,
  type Request,
  SENT,
  type Sent,
  type ThreadData,
} from "./messages.ts";
import { Instances, type Sides, decode, encode } from "./wire.ts";
import type { Wire } from "./wire-types.ts";

type WithoutId<T> = T extends { readonly id: number } ? Omit<T, "id"> : never;
type Reply = Extract<Sent, { reply: number }>;

/** What a twin is known by on its way through the wire. */
export const OBJECT_ID = Symbol("omniq.sync.object");

/**
 * The caller's end of a thread in which the asynchronous side of twins runs. It starts with the first call, and does not keep
 * the process alive. A call sleeps until its reply is there; functions of the caller's that the other side asks for meanwhile
 * run in between, so a clock or a serializer may stay here.
 */
export class Thread implements Sides {
  readonly functions = new Functions();
  readonly instances = new Instances();
  readonly #limitMs: number;
  readonly #counters = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  readonly #makings: Extract<Request, { make: Making }>[] = [];
  #worker: Worker | null = null;
  #port: MessagePort | null = null;
  #answers: MessagePort | null = null;
  #calls = 0;
  #objects = 0;
  #depth = 0;
  #isAnswering = false;
  #isClosed = false;
  #failure: StorageError | null = null;

  /** @param limitMs how long a call may take before it is given up. */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Has an object made when it is first used. Gives its number. Starts nothing. */
  make(make: Making, args: readonly unknown[]): number {
    const object = ++this.#objects;
    this.#makings.push({ make, object, args: encode(args, this) });
    return object;
  }

  /** Has an object made now. Throws why it cannot be. */
  ensure(object: number): void {
    this.#ask({ start: object });
  }

  /** @param extraMs how much longer than others this call may take, since it was told to wait. */
  call(object: number, method: string, args: readonly unknown[], extraMs = 0): unknown {
    return this.#ask({ call: method, object, args: encode(args, this) }, extraMs);
  }

  get(object: number, property: string): unknown {
    return this.#ask({ get: property, object });
  }

  /** Ends the thread, whatever it is doing. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#port?.close();
    this.#answers?.close();
    // Nothing waits for its end: it holds no more than the operating system takes back.
    void this.#worker?.terminate();
    this.#worker = null;
  }

  /** Whether anything was ever asked of it, and still can be. */
  get isRunning(): boolean {
    return this.#worker !== null && this.#failure === null;
  }

  functionOf(id: number): Callable {
    return (...args) => this.#ask({ run: id, args: encode(args, this) });
  }

  objectId(value: object): number | null {
    return (value as { readonly [OBJECT_ID]?: number })[OBJECT_ID] ?? null;
  }

  /** Twins are on this side alone, so none comes back as a number. */
  objectOf(): undefined {
    return undefined;
  }

  #ask(request: WithoutId<Request>, extraMs = 0): unknown {
    if (this.#isClosed) throw new ClosedError(nameOf(request));
    if (this.#failure) throw this.#failure;
    if (this.#isAnswering) {
      throw new TypeError("A function that a blocking call asks for cannot make a blocking call itself");
    }
    const port = this.#start();
    const id = ++this.#calls;
    this.#depth++;
    try {
      for (const making of this.#makings.splice(0)) port.postMessage(making satisfies Request);
      port.postMessage({ ...request, id });
      const reply = this.#await(id, nameOf(request), this.#limitMs + extraMs);
      const value = decode(reply.value, this);
      if (reply.ok) return value;
      throw value;
    } finally {
      if (--this.#depth === 0) this.instances.clear();
    }
  }

  #await(id: number, name: string, limitMs: number): Reply {
    const giveUpAt = systemClock.now() + limitMs;
    for (;;) {
      // Before looking, so that what is sent afterwards ends the sleep at once.
      const seen = Atomics.load(this.#counters, SENT);
      const reply = this.#receive(id);
      if (reply) return reply;
      if (this.#failure) throw this.#failure;
      const leftMs = giveUpAt - systemClock.now();
      if (leftMs <= 0) {
        throw new StorageError("timeout", `Cannot ${name}: no answer from the thread within ${limitMs} ms`, {
          outcome: "unknown",
        });
      }
      Atomics.wait(this.#counters, SENT, seen, leftMs);
    }
  }

  /** Deals with what has come. Replies to calls that were given up are dropped. */
  #receive(id: number): Reply | null {
    for (;;) {
      const message: Sent | undefined = receiveMessageOnPort(this.#port as MessagePort)?.message;
      if (!message) return null;
      if ("reply" in message && message.reply === id) return message;
      this.#handle(message);
    }
  }

  #handle(message: Sent): void {
    if ("callback" in message) this.#answer(message.callback, message.args);
    else if ("end" in message) this.#fail(decode(message.end, this));
    else if ("warning" in message) {
      const { name, message: text, code } = message.warning;
      process.emitWarning(text, { type: name, ...(code !== undefined && { code }) });
    }
  }

  #answer(id: number, args: Wire): void {
    let answer: Answer;
    this.#isAnswering = true;
    try {
      const value = this.functions.get(id)(...(decode(args, this) as unknown[]));
      answer = { ok: true, value: encode(value, this) };
    } catch (error) {
      answer = { ok: false, value: encode(error, this) };
    } finally {
      this.#isAnswering = false;
    }
    this.#answers?.postMessage(answer);
    Atomics.add(this.#counters, ANSWERED, 1);
    Atomics.notify(this.#counters, ANSWERED);
  }

  #fail(cause: unknown): void {
    const why = cause instanceof Error ? cause.message : String(cause);
    this.#failure ??= new StorageError("thread_failed", `The thread of this store has failed: ${why}`, {
      outcome: "unknown",
      cause,
    });
  }

  #start(): MessagePort {
    if (this.#port) return this.#port;
    const requests = new MessageChannel();
    const answers = new MessageChannel();
    const data: ThreadData = {
      entry: process.argv[1] ?? null,
      counters: this.#counters,
      port: requests.port2,
      answers: answers.port2,
    };
    // Beside this file, whether it is the source or was built.
    const worker = new Worker(new URL(`./thread-main${extname(import.meta.url)}`, import.meta.url), {
      workerData: data,
      transferList: [requests.port2, answers.port2],
    });
    // What the thread could not tell by itself; heard only when nothing blocks.
    worker.on("error", (error) => this.#fail(error));
    worker.unref();
    requests.port1.on("message", (message: Sent) => this.#handle(message));
    requests.port1.unref();
    this.#worker = worker;
    this.#answers = answers.port1;
    this.#port = requests.port1;
    return requests.port1;
  }
}

function nameOf(request: WithoutId<Request>): string {
  if ("call" in request) return `call ${request.call}`;
  if ("get" in request) return `read ${request.get}`;
  if ("start" in request) return "start";
  return "call a function";
}
