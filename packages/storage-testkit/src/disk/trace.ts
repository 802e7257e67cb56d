import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { Untested } from "../doors.ts";
import type { DiskStep } from "./disk-step.ts";

/*
 * What a process does to its files is recorded by strace, below every library, so that it does not matter how a store
 * writes. Strings and the paths of open files come in hexadecimal; nothing else in a line can then look like either.
 */

const SYSTEM_CALLS = [
  ["open", "openat", "creat", "close", "lseek", "mmap", "msync"],
  ["write", "pwrite64", "writev", "pwritev", "pwritev2", "ftruncate", "truncate", "fallocate"],
  ["rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat"],
  ["fsync", "fdatasync", "sync_file_range", "copy_file_range", "sendfile", "splice", "io_uring_setup"],
].flat();

/** The tracer's command. @throws Untested where it is missing, or may not trace */
export function tracerCommand(): string {
  const { error, status } = spawnSync("strace", ["-qq", "-o", "/dev/null", process.execPath, "-e", ""]);
  if (error || status !== 0) {
    throw new Untested("strace, which sees what a process writes, is not installed here, or may not trace");
  }
  return "strace";
}

/** The command that records into a file what the program after it does. @throws Untested where there is none */
export function tracerInto(file: string): readonly string[] {
  const calls = SYSTEM_CALLS.map((name) => `?${name}`).join(",");
  return [
    tracerCommand(),
    "-f",
    "-qq",
    "-xx",
    "-y",
    "-s",
    String(2 ** 26),
    "-o",
    file,
    "-e",
    `trace=${calls}`,
    "-e",
    "signal=none",
  ];
}

/** What a recorded process did to the files of a folder, and what it said. */
export function stepsOf(recorded: string, folder: string): readonly DiskStep[] {
  const reader = new TraceReader(resolve(folder));
  return completeCalls(recorded).flatMap((call) => reader.read(call));
}

/** Joins what was interrupted by another thread's call with its end: a call counts when it returns. */
function completeCalls(recorded: string): string[] {
  const begun = new Map<string, string>();
  const calls: string[] = [];
  for (const line of recorded.split("\n")) {
    const [, thread = "", text = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const unfinished = text.indexOf(" <unfinished ...>");
    const resumed = /^<\.\.\. \w+ resumed>/.exec(text);
    if (unfinished >= 0) begun.set(thread, text.slice(0, unfinished));
    else if (resumed) calls.push((begun.get(thread) ?? "") + text.slice(resumed[0].length));
    else if (text !== "") calls.push(text);
  }
  return calls;
}

interface OpenFile {
  position: number;
  readonly appends: boolean;
}

class TraceReader {
  readonly #folder: string;
  readonly #files = new Map<number, OpenFile>();
  readonly #sizes = new Map<string, number>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  read(call: string): readonly DiskStep[] {
    const [, name = "", args = "", result = ""] = /^(\w+)\((.*)\) += (-?\w+)/s.exec(call) ?? [];
    if (result === "" || result.startsWith("-")) return [];
    return this.#steps(name, args, Number(result), call);
  }

  #steps(name: string, args: string, result: number, call: string): readonly DiskStep[] {
    const descriptor = /^(\d+)<([^>]*)>/.exec(args);
    const number = Number(descriptor?.[1]);
    const path = descriptor ? decoded(descriptor[2]).toString() : "";
    switch (name) {
      case "open":
      case "openat":
      case "creat":
        return this.#open(args, result, call);
      case "close":
        this.#files.delete(number);
        return [];
      case "lseek":
        this.#file(number).position = result;
        return [];
      case "write":
      case "pwrite64":
      case "writev":
      case "pwritev":
      case "pwritev2":
        return this.#write(name, number, path, args, result);
      case "ftruncate":
        return this.#within([{ kind: "truncate", path, size: Number(args.split(", ")[1]) }]);
      case "fsync":
      case "fdatasync":
        return this.#within([{ kind: "sync", path }]);
      case "truncate":
        return this.#within([
          { kind: "truncate", path: this.#paths(args)[0] ?? "", size: Number(args.split(", ")[1]) },
        ]);
      case "rename":
      case "renameat":
      case "renameat2":
      case "link":
      case "linkat": {
        const [from = "", to = ""] = this.#paths(args);
        return this.#within([{ kind: name.startsWith("link") ? "link" : "rename", path: from, to }]);
      }
      case "unlink":
      case "unlinkat":
      case "rmdir":
        return this.#within([{ kind: "remove", path: this.#paths(args)[0] ?? "" }]);
      case "mkdir":
      case "mkdirat":
        return this.#within([{ kind: "mkdir", path: this.#paths(args)[0] ?? "" }]);
      case "mmap": {
        const mapped = /PROT_WRITE.*MAP_SHARED\b.*, \d+<([^>]*)>/.exec(args);
        return mapped ? this.#within([{ kind: "map", path: decoded(mapped[1]).toString() }]) : [];
      }
      case "fallocate":
        return this.#within([{ kind: "write", path, offset: 0, bytes: Buffer.alloc(0) }]);
      default:
        if (this.#isWithin(path)) throw new Untested(`the store writes by ${name}, which cannot be rebuilt`);
        return [];
    }
  }

  #open(args: string, result: number, call: string): readonly DiskStep[] {
    const path = decoded(/= \d+<([^>]*)>/.exec(call)?.[1]).toString();
    this.#files.set(result, { position: 0, appends: args.includes("O_APPEND") });
    const creates = args.includes("O_CREAT");
    const empties = args.includes("O_TRUNC");
    return creates || empties ? this.#within([{ kind: "create", path, empties }]) : [];
  }

  #write(name: string, number: number, path: string, args: string, result: number): readonly DiskStep[] {
    const bytes = Buffer.concat(
      [...args.matchAll(/"((?:\\x..)*)"/g)].map(([, hex]) => decoded(hex)),
    ).subarray(0, result);
    if (number === 1) {
      const lines = bytes
        .toString()
        .split("\n")
        .filter((line) => line !== "");
      return lines.map((line) => ({ kind: "say", line }));
    }
    if (!this.#isWithin(path)) return [];
    const file = this.#file(number);
    const place = name === "pwritev2" ? /, (\d+), \w+$/ : /, (\d+)$/;
    const given = name.startsWith("p") ? Number(place.exec(args)?.[1]) : null;
    const offset = given ?? (file.appends ? (this.#sizes.get(path) ?? 0) : file.position);
    if (given === null) file.position = offset + bytes.length;
    this.#sizes.set(path, Math.max(this.#sizes.get(path) ?? 0, offset + bytes.length));
    return [{ kind: "write", path, offset, bytes }];
  }

  /** The file behind a descriptor that was open before the recording began, or that was opened in it. */
  #file(number: number): OpenFile {
    const file = this.#files.get(number) ?? { position: 0, appends: false };
    this.#files.set(number, file);
    return file;
  }

  /** The paths that a call names, from the folders that it names them in. */
  #paths(args: string): string[] {
    const named = [...args.matchAll(/(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:\\x..)*)"/g)];
    return named.map(([, base, path]) => resolve(decoded(base).toString() || "/", decoded(path).toString()));
  }

  #isWithin(path: string): boolean {
    return path === this.#folder || path.startsWith(`${this.#folder}/`);
  }

  #within(steps: readonly DiskStep[]): readonly DiskStep[] {
    for (const step of steps) {
      if (step.kind === "truncate") this.#sizes.set(step.path, step.size);
      if (step.kind === "create" && step.empties) this.#sizes.set(step.path, 0);
      if (step.kind === "rename") this.#sizes.set(step.to, this.#sizes.get(step.path) ?? 0);
    }
    return steps.filter(
      (step) => "path" in step && this.#isWithin(step.path) && !step.path.endsWith(" (deleted)"),
    );
  }
}

function decoded(hex = ""): Buffer {
  return Buffer.from(hex.replaceAll("\\x", ""), "hex");
}
