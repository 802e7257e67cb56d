import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A user that a process runs as; null for the present one. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/*
 * It reads a pipe that ends when the process that holds the other end does, however that comes about: SIGKILL runs no
 * handler of ours. Signals meant for the whole group of a terminal must not end it before its work is done.
 */
const SCRIPT = `
trap '' INT TERM HUP QUIT
cat > /dev/null
[ -f "$2" ] && kill -KILL "$(head -n 1 "$2")" 2> /dev/null
until rm -rf "$1" 2> /dev/null; do sleep 0.05; done
`;

/** Ends a server and removes its folder once the process that started it is gone, or lets go of it. */
export class Watchdog {
  readonly #process: ChildProcess;

  /** @param pidFile a file whose first line is the server's process id while it runs */
  constructor(folder: string, pidFile: string, user: User | null) {
    this.#process = spawn("sh", ["-c", SCRIPT, "watchdog", folder, pidFile], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
      ...user,
    });
    this.#process.unref();
    unref(this.#process.stdin);
  }

  /** Removes the folder, and what still runs in it. */
  async release(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.ref();
    const gone = once(this.#process, "exit");
    this.#process.stdin?.end();
    await gone;
  }
}

/** Lets this process end although a pipe to another one is open. */
export function unref(pipe: unknown): void {
  (pipe as { unref?: () => void } | null)?.unref?.();
}
