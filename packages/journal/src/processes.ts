import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Tells who a process is, and whether it is surely gone. */
export interface Processes {
  /** A text that stands for this process, for others to judge. */
  readonly self: string;
  /** Whether the process that left this text is surely gone. In doubt: false. */
  isGone(text: string): boolean;
}

interface Identity {
  readonly pid: number;
  /** When it started, in the kernel's own count; null where the system does not tell. */
  readonly start: string | null;
  /** What its pid is valid in: the host, since its last start, and the container. */
  readonly host: string;
}

/** The state of a process and when it started; null where the system does not tell. */
function statOf(pid: number): { readonly state: string; readonly start: string } | null {
  const stat = textOf(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  if (stat === null) return null;
  // The name of the program, in brackets, may hold anything; what follows are plain words.
  const words = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state: words[0] ?? "", start: words[19] ?? "" };
}

function hostOf(): string {
  const boot = textOf(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim());
  const space = textOf(() => readlinkSync("/proc/self/ns/pid"));
  return [hostname(), boot, space].join(" ");
}

function textOf(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}

const host = hostOf();

/** The processes of this machine. */
export const machineProcesses: Processes = {
  self: JSON.stringify({
    pid: process.pid,
    start: statOf(process.pid)?.start ?? null,
    host,
  } satisfies Identity),
  isGone(text) {
    const identity = identityOf(text);
    // It is written before anybody can see it under the name of a lock: only a loss of power can spoil it.
    if (!identity) return true;
    if (identity.host !== host) return false;
    try {
      process.kill(identity.pid, 0);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "ESRCH";
    }
    if (identity.start === null) return false;
    const stat = statOf(identity.pid);
    return stat === null || stat.start !== identity.start || stat.state === "Z" || stat.state === "X";
  },
};

function identityOf(text: string): Identity | null {
  try {
    const identity = JSON.parse(text) as Identity | null;
    return Number.isInteger(identity?.pid) ? identity : null;
  } catch {
    return null;
  }
}
