import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach } from "vitest";

/** A process that runs one of the fixtures and talks by messages. */
export interface Program {
  readonly pid: number;
  /** The next message that it sends. Rejects where it ends without one. */
  next(): Promise<unknown>;
  send(message: string): void;
  /** How it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** Starts programs, and stops after each test what is left of them. To be called within a `describe`. */
export function usePrograms(): (fixture: string, ...args: readonly string[]) => Program {
  let started: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of started) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    started = [];
  });
  return (fixture, ...args) => {
    const child = fork(fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url)), args, {
      execArgv: ["--conditions=@omniq/source"],
    });
    started.push(child);
    return programOf(child);
  };
}

function programOf(child: ChildProcess): Program {
  const messages: unknown[] = [];
  const waiting: { resolve: (message: unknown) => void; reject: (reason: Error) => void }[] = [];
  child.on("message", (message) => {
    const first = waiting.shift();
    if (first) first.resolve(message);
    else messages.push(message);
  });
  const ended = once(child, "close").then(([code, signal]) => {
    for (const { reject } of waiting) reject(new Error(`The process ended: ${String(code ?? signal)}`));
    return { code: code as number | null, signal: signal as string | null };
  });
  return {
    pid: child.pid as number,
    ended,
    send: (message) => void child.send(message),
    next: () => {
      if (messages.length > 0) return Promise.resolve(messages.shift());
      if (child.exitCode !== null) return Promise.reject(new Error(`The process ended: ${child.exitCode}`));
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
  };
}
