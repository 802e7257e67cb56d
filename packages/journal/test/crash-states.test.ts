import assert from "node:assert/strict";
import type { OpenFile, Processes } from "@omniq/journal";
import { type DiskState, ModelDisk } from "@omniq/journal/testing";
import { describe, it } from "vitest";
import { commitInARow } from "./support/in-a-row.ts";
import { openRegister } from "./support/register.ts";

const FOLDER = "/journal";
const SEGMENT = `${FOLDER}/journal-1.jsonl`;

/** After the loss of power nobody is left of those who were there before. */
function processesOf(name: string): Processes {
  return { self: name, isGone: (text) => !text.startsWith(name.slice(0, 6)) };
}

interface Moment {
  readonly after: string;
  readonly state: DiskState;
  readonly acknowledged: ReadonlyMap<string, number>;
  readonly asked: ReadonlyMap<string, number>;
}

/** Runs a script on a disk, and keeps every state that a crash could leave at each of its steps. */
async function momentsOf(
  script: (
    disk: ModelDisk,
    set: (name: string, write: () => Promise<unknown>) => Promise<void>,
  ) => Promise<void>,
  disk = new ModelDisk(),
): Promise<readonly Moment[]> {
  const acknowledged = new Map<string, number>();
  const asked = new Map<string, number>();
  const moments: Moment[] = [];
  const keep = (after: string): void => {
    for (const state of disk.crashStates())
      moments.push({ after, state, acknowledged: new Map(acknowledged), asked: new Map(asked) });
  };
  disk.onStep = keep;
  await script(disk, async (name, write) => {
    const value = (asked.get(name) ?? 0) + 1;
    asked.set(name, value);
    await write();
    acknowledged.set(name, Math.max(value, acknowledged.get(name) ?? 0));
    keep(`the acknowledgement of ${name}`);
  });
  return moments;
}

/** Opens what is left: all that was acknowledged is there and whole, nothing that was not asked for, and it goes on. */
async function expectWhole({ after, state, acknowledged, asked }: Moment): Promise<void> {
  const disk = new ModelDisk(state);
  const options = { folder: FOLDER, files: disk, processes: processesOf("second life") };
  const { register, journal, set, get } = await openRegister(options);
  try {
    assert.deepEqual(register.damages, []);
    if (acknowledged.has("a shown")) assert.equal(await get("a"), 2, "a value that was shown");
    for (const [name, value] of acknowledged) {
      if (name === "a shown") continue;
      const found = await get(name);
      assert.ok(found !== undefined && found >= value, `${name} is ${found}, acknowledged as ${value}`);
    }
    for (const [name, value] of register.values)
      assert.ok(value <= (asked.get(name) ?? 0), `${name} is ${value}, which nobody asked for`);
    await set("afterwards", 1);
    await journal.close();
    const left = disk.list(FOLDER).filter((name) => !/^journal-\d+\.jsonl$/.test(name));
    assert.deepEqual(left, [], "left over");
    const again = await openRegister(options);
    assert.equal(await again.get("afterwards"), 1);
    await again.journal.close();
  } catch (error) {
    (error as Error).message = `after ${after}: ${(error as Error).message}\n${[...state.keys()].join(" ")}`;
    throw error;
  }
}

async function expectAllWhole(moments: readonly Moment[], what: string, least: number): Promise<void> {
  for (const moment of moments) await expectWhole(moment);
  process.stdout.write(`${what}: ${moments.length} crash states, each opened\n`);
  assert.ok(moments.length >= least, `only ${moments.length} states`);
}

type Script = Parameters<typeof momentsOf>[0];

const openWriteClose: Script = async (disk, set) => {
  const one = await openRegister({ folder: FOLDER, files: disk, processes: processesOf("first life") });
  for (let value = 1; value <= 3; value++) {
    await set("a", () => one.set("a", value));
    await Promise.all(["b", "c", "d", "e"].map((name) => set(name, () => one.set(name, value))));
  }
  await one.journal.close();
  const again = await openRegister({ folder: FOLDER, files: disk, processes: processesOf("first life") });
  await set("a", () => again.set("a", 4));
  await again.journal.close();
};

const rewrite: Script = async (disk, set) => {
  const options = { folder: FOLDER, files: disk, processes: processesOf("first life") };
  const one = await openRegister({ ...options, checkpointBytes: 300 });
  const two = await openRegister({ ...options, checkpointBytes: 1_000_000 });
  for (let value = 1; value <= 12; value++) {
    await set("a", () => one.set("a", value));
    await set("b", () => two.set("b", value));
  }
  await one.journal.close();
  await two.journal.close();
  assert.ok(!disk.exists(SEGMENT), "it was not rewritten");
};

const writeOver: Script = async (disk, set) => {
  let total = 0;
  for (let life = 1; life <= 3; life++) {
    const one = await openRegister({ folder: FOLDER, files: disk, processes: processesOf("first life") });
    await commitInARow(disk, SEGMENT, () => set("in a row", () => one.set("in a row", ++total)));
    // Several lines in one append, so that some of them may be whole where it was torn.
    await Promise.all(["b", "c", "d", "e"].map((name) => set(name, () => one.set(name, life))));
    await one.journal.close();
  }
};

describe("every state that a loss of power can leave", () => {
  it("while one process opens, writes and closes can be opened", async () => {
    await expectAllWhole(await momentsOf(openWriteClose), "open, write, close", 200);
  });

  it("while the journal is rewritten under way can be opened", async () => {
    await expectAllWhole(await momentsOf(rewrite), "checkpoint", 500);
  });

  it("while lines are written over zeros can be opened", async () => {
    await expectAllWhole(await momentsOf(writeOver), "write over", 50);
  });

  it.each<[what: string, overZeros: boolean]>([
    ["", false],
    [" while it writes over zeros", true],
  ])(
    "while one process takes over from another that stands still%s can be opened",
    async (what, overZeros) => {
      const moments = await momentsOf(async (disk, set) => {
        const options = { folder: FOLDER, files: disk, processes: processesOf("first life") };
        const stops = stoppable(disk);
        const one = await openRegister({ ...options, files: stops.files });
        const two = await openRegister({ ...options, stallLimitMs: 20 });
        await set("a", () => one.set("a", 1));
        const commit = (value: number): Promise<void> => set("in a row", () => one.set("in a row", value));
        if (overZeros) await commitInARow(disk, SEGMENT, commit);
        stops.stop();
        const late = set("a", () => one.set("a", 2));
        await stops.stopped;
        await set("b", () => two.set("b", 1));
        // Whoever was shown a value may rely on it, although its writer has not been told yet.
        await set("a shown", async () => assert.equal(await two.get("a"), 2));
        stops.go();
        await late;
        await set("b", () => two.set("b", 2));
        assert.equal(await two.get("a"), 2);
        assert.equal(await one.get("b"), 2);
        await one.journal.close();
        await two.journal.close();
      });
      await expectAllWhole(moments, `takeover${what}`, 200);
    },
  );
});

/** A disk on which files of some names are not synced. */
class WithoutSyncOf extends ModelDisk {
  readonly #names: RegExp;

  constructor(names: RegExp) {
    super();
    this.#names = names;
  }

  override create(path: string): OpenFile {
    return this.#forgetful(super.create(path), path);
  }

  override open(path: string): OpenFile | null {
    const file = super.open(path);
    return file && this.#forgetful(file, path);
  }

  #forgetful(file: OpenFile, path: string): OpenFile {
    return this.#names.test(path) ? { ...file, sync: async () => {} } : file;
  }
}

/** A disk on which the names in a folder are not synced. */
class WithoutSyncOfNames extends ModelDisk {
  override async syncFolder(): Promise<void> {}
}

describe("a missing sync", () => {
  it.each<[what: string, script: Script, disk: () => ModelDisk, reason: RegExp]>([
    [
      "of the lines that are appended",
      openWriteClose,
      () => new WithoutSyncOf(/jsonl$/),
      /a is undefined, acknowledged/,
    ],
    [
      "of the segments that are made",
      rewrite,
      () => new WithoutSyncOf(/draft$/),
      /The header of .* is damaged/,
    ],
    ["of the names in the folder", rewrite, () => new WithoutSyncOfNames(), /a is undefined, acknowledged/],
  ])("%s is noticed", async (_what, script, disk, reason) => {
    const moments = await momentsOf(script, disk());
    await assert.rejects(async () => {
      for (const moment of moments) await expectWhole(moment);
    }, reason);
  });
});

/** The disk, as seen by a process that can be stopped between a write and its sync. */
function stoppable(disk: ModelDisk): {
  readonly files: ModelDisk;
  stop(): void;
  go(): void;
  readonly stopped: Promise<void>;
} {
  let isStopping = false;
  let resume = (): void => {};
  let tell = (): void => {};
  const stopped = new Promise<void>((resolve) => (tell = resolve));
  const open = disk.open.bind(disk);
  const files = Object.create(disk) as ModelDisk;
  for (const name of [
    "list",
    "exists",
    "signOf",
    "identityOf",
    "readText",
    "create",
    "link",
    "remove",
    "makeFolder",
    "removeFolder",
    "syncFolder",
    "typeOf",
  ] as const)
    Object.defineProperty(files, name, { value: (disk[name] as () => unknown).bind(disk) });
  files.open = (path) => {
    const file = open(path);
    return (
      file && {
        ...file,
        async sync() {
          if (isStopping) {
            isStopping = false;
            tell();
            await new Promise<void>((resolve) => (resume = resolve));
          }
          await file.sync();
        },
      }
    );
  };
  return { files, stop: () => void (isStopping = true), go: () => resume(), stopped };
}
