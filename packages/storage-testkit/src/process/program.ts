import { AssertionError } from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type Ending, programPath } from "./kit-process.ts";

/** A program of the kit's that gets its order as its one argument, and tells what it does line by line. */
export class Program {
  readonly ended: Promise<Ending>;
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  #onLine: () => void = () => {};
  #rest = "";
  #errors = "";

  /** @param tracer a command that runs the program, with its arguments. */
  constructor(name: string, order: object, tracer: readonly string[] = []) {
    const own = [process.execPath, ...process.execArgv, programPath(name), JSON.stringify(order)];
    const [command, ...args] = [...tracer, ...own] as [string, ...string[]];
    this.#child = spawn(command, args, {
      // The kernel's own queue for files could not be traced.
      env: { ...process.env, UV_USE_IO_URING: "0" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stderr?.on("data", (data: Buffer) => (this.#errors += data.toString()));
    this.#child.stdout?.on("data", (data: Buffer) => this.#read(data.toString()));
    this.ended = once(this.#child, "close").then(([code, signal]): Ending => {
      return { code: code as number | null, signal: signal as NodeJS.Signals | null, errors: this.#errors };
    });
  }

  /** Waits until it has told so many lines. Rejects where it ends before. */
  async told(count: number): Promise<void> {
    let isOver = false;
    void this.ended.then(() => (isOver = true));
    while (this.lines.length < count && !isOver) {
      await Promise.race([new Promise<void>((resolve) => (this.#onLine = resolve)), this.ended]);
    }
    if (this.lines.length >= count) return;
    const { code, signal, errors } = await this.ended;
    throw new AssertionError({
      message: `a process ended (${signal ?? `exit code ${code}`}) after "${this.lines.at(-1) ?? ""}": ${errors.trim()}`,
    });
  }

  /** Ends it as if by the kernel, and waits for the end. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGKILL");
    await this.ended;
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    this.lines.push(...lines);
    this.#onLine();
  }
}
