import { type ChildProcess, type ForkOptions, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** A process that a test talks with. It is killed, if it still lives, when the test ends. */
export class Child {
  readonly process: ChildProcess;
  readonly #messages: unknown[] = [];
  readonly #waiting: ((message: unknown) => void)[] = [];
  readonly #errors: string[] = [];
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;

  /** @param fixture a module in the folder `fixtures`. */
  constructor(fixture: string, args: readonly string[], options: ForkOptions = {}) {
    const path = fileURLToPath(new URL(`../fixtures/${fixture}.ts`, import.meta.url));
    this.process = fork(path, [...args], { stdio: ["ignore", "ignore", "pipe", "ipc"], ...options });
    this.process.stderr?.on("data", (text: Buffer) => this.#errors.push(text.toString()));
    this.process.on("message", (message) => {
      const next = this.#waiting.shift();
      if (next) next(message);
      else this.#messages.push(message);
    });
    this.exited = new Promise((resolve) => {
      this.process.once("exit", (code, signal) => resolve({ code, signal }));
    });
    onTestFinished(() => void this.process.kill("SIGKILL"));
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
    this.process.send(message);
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }
}
