import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  HEADER_BYTES,
  Journal,
  JournalError,
  decodeLine,
  encodeLine,
  machineProcesses,
  nodeFileSystem,
} from "@omniq/journal";
import { ModelDisk } from "@omniq/journal/testing";
import { afterEach, beforeEach, describe, it } from "vitest";
import { Register, openRegister } from "./support/register.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "omniq-journal-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a line", () => {
  it("is JSON, and is read back unless any bit of it has changed", () => {
    const line = encodeLine("r", JSON.stringify(["ä 🜂", 1, null])).subarray(0, -1);
    assert.deepEqual((JSON.parse(line.toString()) as { r: unknown }).r, ["ä 🜂", 1, null]);
    assert.deepEqual(decodeLine("r", line), ["ä 🜂", 1, null]);
    assert.equal(decodeLine("h", line), undefined);
    for (let bit = 0; bit < line.length * 8; bit++) {
      const damaged = Buffer.from(line);
      damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      assert.equal(decodeLine("r", damaged), undefined, `bit ${bit}`);
    }
  });

  it("that is no line of ours is none", () => {
    for (const text of ["", "{}", '{"c":"00000000","r":', "x".repeat(40)])
      assert.equal(decodeLine("r", Buffer.from(text)), undefined);
  });
});

describe("bytes that the disk has not got", () => {
  /** Writes `a`, then `b` and `c` at once, then as many more, each by itself; and empties the line of one. */
  async function afterLoss(lost: string, more: readonly string[]) {
    const { journal, set } = await openRegister({ folder });
    await set("a", 1);
    await Promise.all([set("b", 1), set("c", 1)]);
    for (const name of more) await set(name, 1);
    await journal.close();
    const path = join(folder, "journal-1.jsonl");
    const bytes = readFileSync(path);
    const start = bytes.lastIndexOf("\n", bytes.indexOf(`["${lost}",`)) + 1;
    bytes.fill(0, start, bytes.indexOf("\n", start) - 5);
    writeFileSync(path, bytes);
    const again = await openRegister({ folder });
    await again.set("afterwards", 1);
    await again.journal.close();
    const { register } = await openRegister({ folder });
    return { left: [...register.values.keys()].join(" "), damages: register.damages.length };
  }

  it("are cut off in the last append, with what follows in it", async () => {
    assert.deepEqual(await afterLoss("b", []), { left: "a afterwards", damages: 0 });
  });

  it("are cut off at the end", async () => {
    assert.deepEqual(await afterLoss("c", []), { left: "a b afterwards", damages: 0 });
  });

  it("are damage before it, and hide nothing else", async () => {
    assert.deepEqual(await afterLoss("a", []), { left: "b c afterwards", damages: 1 });
    rmSync(join(folder, "journal-1.jsonl"));
    assert.deepEqual(await afterLoss("b", ["d"]), { left: "a c d afterwards", damages: 1 });
  });
});

describe("journals on one folder", () => {
  it("see what the others have written, and write after it", async () => {
    const one = await openRegister({ folder });
    const two = await openRegister({ folder });
    for (let value = 1; value <= 20; value++) {
      await one.set("a", value);
      assert.equal(await two.get("a"), value);
      assert.equal(await two.set("b", value), value === 1 ? undefined : value - 1);
      assert.equal(await one.get("b"), value);
    }
    await one.journal.close();
    await two.journal.close();
    assert.deepEqual(readdirSync(folder), ["journal-1.jsonl"]);
  });

  it("go on through rewritings that the others make, and keep it short", async () => {
    const one = await openRegister({ folder, checkpointBytes: 2000 });
    const two = await openRegister({ folder });
    for (let value = 1; value <= 400; value++) {
      await one.set("a", value);
      if (value % 50 === 0) assert.equal(await two.set("b", value), value === 50 ? undefined : value - 50);
    }
    assert.equal(await two.get("a"), 400);
    await one.journal.close();
    await two.journal.close();
    const names = readdirSync(folder);
    assert.equal(names.length, 1);
    const bytes = readFileSync(join(folder, names[0] as string));
    assert.ok(bytes.length < 8000, `${bytes.length} bytes`);
    const { h: header } = JSON.parse(bytes.toString("utf8", 0, HEADER_BYTES)) as { h: { base: number } };
    assert.ok(header.base > 0);
    const three = await openRegister({ folder });
    assert.deepEqual(
      [...three.register.values],
      [
        ["a", 400],
        ["b", 400],
      ],
    );
    await three.journal.close();
  });

  it("that were begun at once are one", async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, () => openRegister({ folder: join(folder, "new") })),
    );
    await Promise.all(all.map(({ set }, index) => set(`${index}`, index)));
    for (const { get } of all) assert.equal(await get("7"), 7);
    for (const { journal } of all) await journal.close();
    assert.deepEqual(readdirSync(join(folder, "new")), ["journal-1.jsonl"]);
  });
});

describe("an update that throws", () => {
  it("rejects, changes nothing, and takes nothing with it", async () => {
    const { journal, register, set, get } = await openRegister({ folder });
    await set("a", 1);
    const others = [set("b", 1), set("c", 1)];
    const failing = journal.update(() => {
      register.values.set("a", 99);
      throw new RangeError("half done");
    });
    await assert.rejects(failing, { message: "half done" });
    await Promise.all(others);
    assert.deepEqual([await get("a"), await get("b"), await get("c")], [1, 1, 1]);
    await journal.close();
  });
});

describe("very many updates at once", () => {
  it("are carried out though the first alone is a batch", async () => {
    const { journal, set } = await openRegister({ folder });
    const count = 250_000;
    const first = set("x".repeat(9 * 1024 * 1024), 0);
    const others = Array.from({ length: count }, (_, index) => set("a", index));
    await first;
    assert.equal((await Promise.all(others)).at(-1), count - 2);
    await journal.close();
    const { register } = await openRegister({ folder });
    assert.equal(register.values.get("a"), count - 1);
  });
});

describe("a lock", () => {
  it("that its holder does not give back is waited for, and no longer than told", async () => {
    const files = { ...nodeFileSystem };
    const one = await openRegister({ folder, files });
    files.open = (path) => {
      const file = nodeFileSystem.open(path);
      return (
        file && {
          look: () => file.look(),
          read: (position, length) => file.read(position, length),
          write: (bytes, position) => file.write(bytes, position),
          truncate: (size) => file.truncate(size),
          sync: () => new Promise<void>(() => {}),
          close: () => file.close(),
        }
      );
    };
    const stuck = await openRegister({ folder, files });
    void stuck.set("a", 1);
    const impatient = await openRegister({ folder, lockTimeoutMs: 50, stallLimitMs: 60_000 }).catch(
      (error: { code: string }) => error.code,
    );
    assert.equal(impatient, "busy");
    const patient = await openRegister({ folder, stallLimitMs: 50 });
    await patient.set("b", 1);
    assert.equal(await patient.get("a"), 1);
    await patient.journal.close();
    await one.journal.close();
    assert.ok(existsSync(join(folder, "journal-1.taken")), "its holder is still to be told");
  });

  it("that was lost for so long that the segment is gone: its holder is told that nobody knows what became of the call", async () => {
    const wake = Promise.withResolvers<void>();
    let stands = false;
    const files = {
      ...nodeFileSystem,
      open: (path: string) => {
        const file = nodeFileSystem.open(path);
        return (
          file && {
            look: () => file.look(),
            read: (position: number, length: number) => file.read(position, length),
            write: (bytes: Buffer, position: number) => file.write(bytes, position),
            truncate: (size: number) => file.truncate(size),
            sync: async () => {
              if (stands) await wake.promise;
              await file.sync();
            },
            close: () => file.close(),
          }
        );
      },
    };
    await (await openRegister({ folder })).journal.close();
    const stalled = await openRegister({ folder, files });
    await stalled.set("before", 1);
    stands = true;
    const lost = stalled.set("lost", 1).catch((error: unknown) => error);
    const others = await openRegister({ folder, stallLimitMs: 20, checkpointBytes: 500 });
    // Rewritten, and rewritten again: neither the segment is left nor the one that says how much of it counts.
    const isLeft = (): boolean =>
      [1, 2].some((segment) => existsSync(join(folder, `journal-${segment}.jsonl`)));
    for (let value = 1; isLeft(); value++) await others.set("after", value);
    wake.resolve();
    const error = await lost;
    assert.ok(error instanceof JournalError);
    assert.deepEqual([error.code, error.retryable, error.outcome], ["taken_over", true, "unknown"]);
    stands = false;
    await stalled.set("again", 1);
    assert.equal(await others.get("again"), 1);
    assert.equal(await stalled.get("before"), 1);
    await stalled.journal.close();
    await others.journal.close();
  });

  it("of a process that is gone is not waited for", async () => {
    const disk = new ModelDisk();
    const gone = { self: "gone", isGone: () => false };
    const first = await openRegister({ folder: "/j", files: disk, processes: gone });
    await first.set("a", 1);
    // The lock is given back after the answer.
    await first.get("a");
    disk.link(
      disk
        .list("/j")
        .filter((name) => name.endsWith(".holder"))
        .map((name) => `/j/${name}`)[0] as string,
      "/j/journal-1.lock",
    );
    const later = { self: "later", isGone: (text: string) => text === "gone" };
    const second = await openRegister({ folder: "/j", files: disk, processes: later, stallLimitMs: 60_000 });
    await second.set("b", 1);
    await second.journal.close();
    assert.deepEqual(disk.list("/j").toSorted(), ["journal-1.jsonl", "journal-2.jsonl"]);
  });
});

describe("a process", () => {
  it("knows itself to be there, and others to be gone", () => {
    const { self } = machineProcesses;
    const isGone = (text: string): boolean => machineProcesses.isGone(text);
    assert.equal(isGone(self), false);
    assert.equal(isGone(self.replace(/"pid":\d+/, `"pid":${2 ** 22 + 1}`)), true);
    assert.equal(isGone(self.replace(/"start":"\d+"/, '"start":"1"')), true);
    assert.equal(isGone(self.replace(/"host":"/, '"host":"another ')), false);
    for (const text of ["", "{", "null", "{}"]) assert.equal(isGone(text), true);
  });
});

describe("a successor of a segment that was left behind", () => {
  it("is not put into the place that has come free", async () => {
    const disk = new ModelDisk();
    const options = { folder: "/j", files: disk, processes: { self: "x", isGone: () => false } };
    const one = await openRegister({ ...options, checkpointBytes: 200 });
    disk.create("/j/journal-2.00000000-0000-0000-0000-000000000000.draft").close();
    const two = await openRegister(options);
    for (let value = 1; value <= 60; value++) await one.set("a", value);
    assert.equal(await two.get("a"), 60);
    await one.journal.close();
    await two.journal.close();
    assert.deepEqual(
      disk.list("/j").filter((name) => name.endsWith(".draft")),
      [],
    );
  });
});

describe("a journal that has been closed", () => {
  it("can be made anew over the same content", async () => {
    const content = new Register();
    for (let round = 1; round <= 3; round++) {
      const journal = new Journal({ folder, content });
      await journal.open();
      await journal.update(() => content.set("a", round));
      await journal.close();
    }
    assert.equal(content.values.get("a"), 3);
  });
});
