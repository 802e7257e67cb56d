import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import {
  ANSWERED,
  type Answer,
  type Making,
  type Request,
  SENT,
  type Sent,
  type ThreadData,
} from "./messages.ts";
import { ClosedError } from "@omniq/core";
import { type Callable, Functions } from "./functions.ts";
import { make } from "./making.ts";
import { Instances, type Sides, decode, encode } from "./wire.ts";

type Asked = Extract<Request, { id: number }>;

/** The thread's end: keeps the real objects, and does what the caller asks of them. */
export class Host implements Sides {
  readonly functions = new Functions();
  readonly instances = new Instances();
  readonly #counters: Int32Array<SharedArrayBuffer>;
  readonly #port: MessagePort;
  readonly #answers: MessagePort;
  readonly #objects = new Map<number, () => Promise<unknown>>();
  readonly #made = new Map<number, unknown>();
  #hasEnded = false;

  constructor({ counters, port, answers }: ThreadData) {
    this.#counters = counters;
    this.#port = port;
    this.#answers = answers;
    port.on("message", (request: Request) => {
      if ("make" in request) this.#note(request);
      else void this.#reply(request);
    });
  }

  send(message: Sent): void {
    const port = this.#port;
    port.postMessage(message);
    Atomics.add(this.#counters, SENT, 1);
    Atomics.notify(this.#counters, SENT);
  }

  /** Tells the caller why nothing more will come. */
  end(why: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.send({ end: encode(why, this) });
  }

  /** A function of the caller's. This thread stands still until the caller has answered. */
  functionOf(id: number): Callable {
    return (...args) => {
      const seen = Atomics.load(this.#counters, ANSWERED);
      this.send({ callback: id, args: encode(args, this) });
      for (;;) {
        const answer: Answer | undefined = receiveMessageOnPort(this.#answers)?.message;
        if (!answer) {
          Atomics.wait(this.#counters, ANSWERED, seen);
          continue;
        }
        const value = decode(answer.value, this);
        if (answer.ok) return value;
        throw value;
      }
    };
  }

  /** Twins are on the caller's side alone. */
  objectId(): null {
    return null;
  }

  objectOf(id: number): unknown {
    return this.#made.get(id);
  }

  async #reply(request: Asked): Promise<void> {
    try {
      const value = await this.#perform(request);
      this.send({ reply: request.id, ok: true, value: encode(value, this) });
    } catch (error) {
      this.send({ reply: request.id, ok: false, value: encode(error, this) });
    }
  }

  async #perform(request: Asked): Promise<unknown> {
    if ("run" in request) {
      const run = this.functions.get(request.run);
      return run(...((await this.#decode(request.args)) as unknown[]));
    }
    if ("start" in request) {
      await this.#object(request.start);
      return undefined;
    }
    if ("call" in request && request.call === "close" && !this.#made.has(request.object)) {
      // What could not be made, or was never used, has nothing to close, and is closed from now on.
      this.#objects.set(request.object, () => Promise.reject(new ClosedError("use what was never opened")));
      return undefined;
    }
    const object = (await this.#object(request.object)) as Record<string, unknown>;
    if ("get" in request) return object[request.get];
    const args = (await this.#decode(request.args)) as unknown[];
    return (object[request.call] as Callable).apply(object, args);
  }

  /** One that could not be made is made again at the next call. */
  #note({ make: what, object, args }: Extract<Request, { make: Making }>): void {
    let making: Promise<unknown> | null = null;
    this.#objects.set(object, () => {
      making ??= this.#decode(args)
        .then((decoded) => make(what, decoded as readonly unknown[]))
        .then((made) => {
          this.#made.set(object, made);
          return made;
        })
        .catch((error: unknown) => {
          making = null;
          throw error;
        });
      return making;
    });
  }

  #object(id: number): Promise<unknown> {
    return (this.#objects.get(id) as () => Promise<unknown>)();
  }

  /** Objects that the arguments name are made first. */
  async #decode(wire: Parameters<typeof decode>[0]): Promise<unknown> {
    for (const [, mark] of wire.marks) if (mark.kind === "object") await this.#object(mark.id);
    return decode(wire, this);
  }
}
