import assert from "node:assert/strict";
import { describe, it } from "vitest";
import type { DiskStep } from "../src/disk/disk-step.ts";
import { type DiskState, ModelDisk } from "../src/disk/model-disk.ts";
import { stepsOf } from "../src/disk/trace.ts";

const FILE = "/place/file";

function write(offset: number, text: string, path = FILE): DiskStep {
  return { kind: "write", path, offset, bytes: Buffer.from(text) };
}

const CREATE: DiskStep = { kind: "create", path: FILE, empties: false };
const SYNC: DiskStep = { kind: "sync", path: FILE };
const SYNC_FOLDER: DiskStep = { kind: "sync", path: "/place" };

/** What each kind of crash leaves after these steps. */
function left(...steps: readonly DiskStep[]): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const disk = new ModelDisk("/place");
  for (const step of steps) disk.apply(step);
  const told = (state: DiskState): Record<string, string> =>
    Object.fromEntries([...state].map(([path, bytes]) => [path, bytes.toString()]));
  return Object.fromEntries(disk.crashStates().map(({ what, state }) => [what, told(state)]));
}

describe("a model disk", () => {
  it("keeps for certain what was synced, under a name that was", () => {
    assert.deepEqual(left(CREATE, write(0, "abc"))["only what was synced"], {});
    assert.deepEqual(left(CREATE, write(0, "abc"), SYNC)["only what was synced"], {});
    assert.deepEqual(left(CREATE, write(0, "abc"), SYNC_FOLDER)["only what was synced"], { file: "" });
    const synced = left(CREATE, write(0, "abc"), SYNC, SYNC_FOLDER, write(1, "xyz"));
    assert.deepEqual(synced["only what was synced"], { file: "abc" });
    assert.deepEqual(synced["all that was written"], { file: "axyz" });
  });

  it("tears the last write, and drops the writes before it", () => {
    const states = left(CREATE, SYNC_FOLDER, write(0, "abcd"), write(4, "efgh"));
    assert.deepEqual(states["the last write torn in half"], { file: "abcdef" });
    assert.deepEqual(states["of what was not synced, the last write alone"], { file: "\0\0\0\0efgh" });
  });

  it("may have renamed a file whose bytes are not there yet", () => {
    const renamed: DiskStep = { kind: "rename", path: FILE, to: "/place/other" };
    const states = left(CREATE, SYNC_FOLDER, write(0, "abc"), renamed);
    assert.deepEqual(states["all names, but only the bytes that were synced"], { other: "" });
    assert.deepEqual(states["only what was synced"], { file: "" });
  });

  it("leaves out what is written through memory, and gives up where that is synced", () => {
    const map: DiskStep = { kind: "map", path: FILE };
    assert.deepEqual(left(CREATE, SYNC_FOLDER, map)["all that was written"], {});
    assert.throws(() => left(CREATE, map, SYNC), { name: "Untested" });
  });
});

/** A path or text as the tracer writes it. */
function hex(text: string): string {
  return [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}

describe("what a tracer has recorded", () => {
  const file = `20<${hex(FILE)}>`;
  const opened = `openat(AT_FDCWD<${hex("/")}>, "${hex(FILE)}", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = ${file}`;

  it("is read call by call, others' files and failures left out", () => {
    const recorded = [
      `7 ${opened}`,
      `7 pwrite64(${file}, "${hex("abc")}", 3, 4096) = 3`,
      `7 write(21<${hex("/elsewhere")}>, "${hex("no")}", 2) = 2`,
      `7 pwrite64(${file}, "${hex("full")}", 4, 0) = -1 ENOSPC (No space left on device)`,
      `7 fdatasync(${file}) = 0`,
      `7 write(1<${hex("pipe:[5]")}>, "${hex("enqueue\n")}", 8) = 8`,
      `7 rename("${hex(FILE)}", "${hex("/place/other")}") = 0`,
      "7 +++ exited with 0 +++",
    ];
    assert.deepEqual(stepsOf(recorded.join("\n"), "/place"), [
      CREATE,
      write(4096, "abc"),
      SYNC,
      { kind: "say", line: "enqueue" },
      { kind: "rename", path: FILE, to: "/place/other" },
    ]);
  });

  it("is put together where threads come between, and where a write says no place", () => {
    const recorded = [
      `7 ${opened}`,
      `7 write(${file}, "${hex("abc")}", 3 <unfinished ...>`,
      `8 fsync(${file} <unfinished ...>`,
      `7 <... write resumed>) = 3`,
      `8 <... fsync resumed>) = 0`,
      `7 write(${file}, "${hex("de")}", 2) = 2`,
      `7 writev(${file}, [{iov_base="${hex("f")}", iov_len=1}, {iov_base="${hex("g")}", iov_len=1}], 2) = 2`,
    ];
    const steps = [CREATE, write(0, "abc"), SYNC, write(3, "de"), write(5, "fg")];
    assert.deepEqual(stepsOf(recorded.join("\n"), "/place"), steps);
  });
});
