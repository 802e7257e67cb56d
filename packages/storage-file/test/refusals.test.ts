import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { nodeFileSystem } from "@omniq/journal";
import { useChildren } from "@omniq/test-support/children";
import { enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { contentsOf, segmentsOf } from "./support/journal-files.ts";
import { usePlace } from "./support/place.ts";
import { wrappedFiles } from "./support/wrapped-files.ts";

const place = usePlace();
const start = useChildren(new URL("fixtures/", import.meta.url));

/** A folder with three tasks. */
async function prepare(): Promise<void> {
  const store = place.store();
  for (const id of ["a", "b", "c"]) await enqueueOne(store, { id });
  await store.close();
}

/** What a refusal of the system looks like. */
function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the system says it`), { code });
}

describe("a folder that cannot be used", () => {
  it("because a file stands in its place is refused", async () => {
    writeFileSync(place.folder, "a text");
    const store = place.store();
    await assert.rejects(store.open(), { code: "cannot_open", path: place.folder, retryable: false });
    assert.equal(readFileSync(place.folder, "utf8"), "a text");
    rmSync(place.folder);
    await enqueueOne(store);
  });

  it("because a file stands in the place of one above it is refused", async () => {
    writeFileSync(place.folder, "a text");
    const store = place.store({ folder: join(place.folder, "inner") });
    await assert.rejects(store.open(), { name: "JournalError", code: "cannot_open" });
  });

  it.each([
    ["its name is too long", (folder: string) => join(folder, "x".repeat(300))],
    [
      "its links go round",
      (folder: string) => {
        symlinkSync(join(folder, "round"), join(folder, "round"));
        return join(folder, "round", "jobs");
      },
    ],
  ])("because %s is refused", async (_what, at) => {
    await assert.rejects(place.store({ folder: at(place.root) }).open(), {
      code: "cannot_open",
      retryable: false,
    });
  });

  it("for lack of rights is refused, and is left as it is", async () => {
    await prepare();
    const before = contentsOf(place.folder);
    chmodSync(place.root, 0o755);
    chmodSync(place.folder, 0o555);
    const program = start("open-without-rights", place.folder);
    const error = await program.receive();
    assert.partialDeepStrictEqual(error, { code: "cannot_open", retryable: false, outcome: "not-applied" });
    assert.match((error as Error).message, /may not be read and written\. Give this process the right/);
    chmodSync(place.folder, 0o755);
    assert.equal(contentsOf(place.folder), before);
  });

  it.each([
    [0x6969, "NFS"],
    [0xff534d42 | 0, "CIFS"],
    [0x65735546, "FUSE"],
  ])("because it lies on a network (type %i, %s) is refused unless that is allowed", async (type, name) => {
    const fileSystem = { ...nodeFileSystem, typeOf: () => type };
    await assert.rejects(place.store({ fileSystem }).open(), {
      code: "network_file_system",
      message: new RegExp(`lies on ${name}`),
    });
    assert.deepEqual(readdirSync(place.folder), []);
    await enqueueOne(place.store({ fileSystem, allowNetworkFileSystem: true }));
  });
});

describe("a folder that is moved away under a store", () => {
  it("fails its calls until it is back", async () => {
    const store = place.store();
    await enqueueOne(store, { id: "before" });
    renameSync(place.folder, `${place.folder}-away`);
    await assert.rejects(store.enqueue({ groups: [[{ id: "during", name: "work" }]] }), {
      name: "JournalError",
      code: "io_error",
      retryable: true,
    });
    renameSync(`${place.folder}-away`, place.folder);
    await enqueueOne(store, { id: "after" });
    for (const id of ["before", "after"]) assert.ok(await place.store().getTask(id), id);
  });
});

describe("a disk that refuses", () => {
  it.each([
    ["ENOSPC", "disk_full"],
    ["EDQUOT", "disk_full"],
    ["EFBIG", "file_too_large"],
    ["EROFS", "read_only"],
    ["EIO", "io_error"],
  ])("a write with %s is told as %s, changes nothing, and is no lasting harm", async (code, ours) => {
    let isRefusing = false;
    const files = wrappedFiles({
      beforeWrite(bytes, path) {
        if (!isRefusing) return;
        // A part of it is written, as it is when the room runs out.
        appendFileSync(path, bytes.subarray(0, bytes.length >> 1));
        throw systemError(code);
      },
    });
    const store = place.store({ fileSystem: files });
    await enqueueOne(store, { id: "before" });
    const other = place.store();
    isRefusing = true;
    for (let tries = 0; tries < 3; tries++) {
      await assert.rejects(store.enqueue({ groups: [[{ id: "during", name: "work" }]] }), {
        name: "JournalError",
        code: ours,
        path: join(place.folder, "journal-1.jsonl"),
        retryable: true,
        outcome: "not-applied",
      });
    }
    assert.equal((await store.getTask("before"))?.id, "before");
    assert.equal(await store.getTask("during"), null);
    assert.equal(await other.getTask("during"), null);
    isRefusing = false;
    await enqueueOne(other, { id: "other" });
    await enqueueOne(store, { id: "after" });
    assert.deepEqual(
      (await place.store().listTasks()).tasks.map(({ id }) => id),
      ["before", "other", "after"],
    );
  });

  it("a sync goes on in another segment, since a later sync of the same would prove nothing", async () => {
    let isRefusing = false;
    const files = wrappedFiles({
      beforeSync(path) {
        if (isRefusing && path.endsWith("-1.jsonl")) throw systemError("EIO");
      },
    });
    const store = place.store({ fileSystem: files });
    await enqueueOne(store, { id: "before" });
    isRefusing = true;
    await assert.rejects(store.enqueue({ groups: [[{ id: "during", name: "work" }]] }), {
      code: "io_error",
      retryable: true,
      outcome: "not-applied",
    });
    await enqueueOne(store, { id: "after" });
    assert.equal(segmentsOf(place.folder).length, 2);
    assert.deepEqual(
      (await place.store().listTasks()).tasks.map(({ id }) => id),
      ["before", "after"],
    );
  });
});
