import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach } from "vitest";

/** A process that a test talks with. */
export class Child {
  /** How it ended. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly #process: ChildProcess;
  readonly #messages: unknown[] = [];
  readonly #waiting: ((message: unknown) => void)[] = [];
  readonly #errors: string[] = [];

  constructor(module: URL, args: readonly string[]) {
    this.#process = fork(fileURLToPath(module), args, {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      // Errors are sent as errors.
      serialization: "advanced",
    });
    this.#process.stderr?.on("data", (text: Buffer) => this.#errors.push(text.toString()));
    this.#process.on("message", (message) => {
      const next = this.#waiting.shift();
      if (next) next(message);
      else this.#messages.push(message);
    });
    // Once all that it said has come.
    this.exited = once(this.#process, "close").then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }));
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  /** What it wrote to its standard error. */
  get errors(): string {
    return this.#errors.join("");
  }

  /** The next message. @throws where the process ends without one */
  async receive<T>(): Promise<T> {
    if (this.#messages.length > 0) return this.#messages.shift() as T;
    const message = new Promise<unknown>((resolve) => this.#waiting.push(resolve));
    const ended = this.exited.then(({ code, signal }): never => {
      throw new Error(`The process ended (${signal ?? code}) and said nothing: ${this.errors}`);
    });
    return (await Promise.race([message, ended])) as T;
  }

  send(message: string): void {
    this.#process.send(message);
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }
}

/**
 * Starts modules of a folder as processes, and stops after each test what is left of them. To be called within a
 * `describe`, or at the top of a file.
 *
 * @param folder its URL, with the slash at its end.
 */
export function useChildren(folder: URL): (fixture: string, ...args: readonly string[]) => Child {
  let started: Child[] = [];
  afterEach(async () => {
    for (const child of started) {
      child.kill("SIGKILL");
      await child.exited;
    }
    started = [];
  });
  return (fixture, ...args) => {
    const child = new Child(new URL(`${fixture}.ts`, folder), args);
    started.push(child);
    return child;
  };
}
