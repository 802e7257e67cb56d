import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { AssertionError } from "node:assert/strict";
import { turn } from "../real-time.ts";
import type { JobAnswer, JobArgs, JobName } from "./jobs.ts";
import type { Order, Reply, Start } from "./messages.ts";

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it wrote to its standard error. */
  readonly errors: string;
}

/** The path of a program of the kit's, from source or built. */
export function programPath(name: string): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return fileURLToPath(new URL(`./${name}.${extension}`, import.meta.url));
}

/** A process with a store of its own on the place of a check. It dies with the check, at the latest. */
export class KitProcess {
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  readonly #now: () => number;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #orders = 0;
  #errors = "";

  constructor(start: Start, now: () => number, env: Readonly<Record<string, string>> = {}) {
    this.#now = now;
    this.#child = fork(programPath("job-main"), [], {
      env: { ...process.env, ...env },
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child.stderr?.on("data", (text: Buffer) => (this.#errors += text.toString()));
    this.#child.on("message", (reply: Reply) => {
      this.#waiting.get(reply.number)?.(reply);
      this.#waiting.delete(reply.number);
    });
    this.ended = once(this.#child, "close").then(([code, signal]): Ending => {
      return { code: code as number | null, signal: signal as NodeJS.Signals | null, errors: this.#errors };
    });
    this.#tell(start);
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Has a job done. Rejects where it fails, or where the process ends before it has answered. */
  async run<Name extends JobName>(job: Name, args: JobArgs<Name>): Promise<JobAnswer<Name>> {
    const number = ++this.#orders;
    const reply = new Promise<Reply>((resolve) => this.#waiting.set(number, resolve));
    const order: Order = { number, job, args, now: this.#now() };
    this.#tell(order);
    const answered = await Promise.race([reply, this.ended]);
    if (!("number" in answered)) {
      const { code, signal, errors } = answered;
      throw new AssertionError({
        message: `the process that was to ${job} ended (${signal ?? `exit code ${code}`}): ${errors.trim()}`,
      });
    }
    if ("failure" in answered) {
      throw new AssertionError({ message: `another process could not ${job}: ${answered.failure}` });
    }
    return answered.answer as JobAnswer<Name>;
  }

  /** A process that has ended hears nothing; whoever waits for its answer is told so. */
  #tell(message: Start | Order): void {
    this.#child.send(message, () => {});
  }

  /** Stops it, and waits until the kernel says so: what it is told from then on it hears when it is woken. */
  async stop(): Promise<void> {
    this.#child.kill("SIGSTOP");
    const status = `/proc/${this.#child.pid}/stat`;
    // Where there is no such file, the signal has to be trusted.
    while (existsSync(status) && !/\) [TZ] /.test(readFileSync(status, "latin1"))) await turn();
  }

  wake(): void {
    this.#child.kill("SIGCONT");
  }

  /** Ends it as if by the kernel, and waits for the end. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGKILL");
    await this.ended;
  }
}
