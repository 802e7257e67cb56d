import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Untested } from "../doors.ts";
import { tracerCommand } from "../disk/trace.ts";

/** A fault of the disk that lasts until it is lifted. */
export interface DiskFault {
  readonly name: string;
  /** Brings it upon a process that has its files in this folder; answers how to lift it. */
  bring(pid: number, folder: string): Promise<() => Promise<void>>;
}

const WRITES = "write,pwrite64,writev,pwritev,pwritev2,ftruncate,fallocate";
const SYNCS = "fsync,fdatasync";

/** Has the kernel refuse system calls on the files that are there, as a bad or full disk would. */
function refusing(code: string, calls: string): DiskFault {
  return {
    name: `${calls === SYNCS ? "syncs" : "writes"} refused with ${code}`,
    async bring(pid, folder) {
      const paths = readdirSync(folder).flatMap((name) => ["-P", join(folder, name)]);
      const inject = ["-e", `inject=${calls}:error=${code}`, "-e", "signal=none"];
      const tracer = spawn(
        tracerCommand(),
        ["-f", "-o", "/dev/null", ...paths, ...inject, "-p", String(pid)],
        {
          stdio: ["ignore", "ignore", "pipe"],
        },
      );
      const ended = once(tracer, "close");
      // It says so once it has taken hold of every thread.
      const hold = once(tracer.stderr, "data");
      await Promise.race([hold, ended]);
      if (tracer.exitCode !== null)
        throw new Untested("strace, which refuses system calls, may not trace here");
      return async () => {
        tracer.kill("SIGINT");
        await ended;
      };
    },
  };
}

/** No file of the process may grow by more than a little. */
const fileSizeLimit: DiskFault = {
  name: "no file may grow (EFBIG)",
  async bring(pid, folder) {
    const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
    limitFileSize(pid, String(Math.max(...sizes) + 16_384));
    return async () => limitFileSize(pid, "unlimited");
  },
};

/** No file of the process may hold anything, so that no place can be made. */
export const NO_FILES: DiskFault = {
  name: "no file may hold anything (EFBIG)",
  async bring(pid) {
    limitFileSize(pid, "0");
    return async () => limitFileSize(pid, "unlimited");
  },
};

function limitFileSize(pid: number, bytes: string): void {
  const { error, status } = spawnSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:`]);
  if (error || status !== 0)
    throw new Untested("prlimit, which limits the files of a process, is not installed here, or may not");
}

export const DISK_FAULTS: readonly DiskFault[] = [
  fileSizeLimit,
  refusing("ENOSPC", WRITES),
  refusing("EROFS", WRITES),
  refusing("EIO", WRITES),
  refusing("EIO", SYNCS),
];
