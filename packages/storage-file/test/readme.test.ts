import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { claimOne, complete, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();
const README = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8");

/** The command of the guide that has these words in it. */
function commandWith(words: string): string {
  const blocks = [...README.matchAll(/```sh\n([^]*?)```/g)].map(([, command = ""]) => command);
  const found = blocks.filter((command) => command.includes(words));
  assert.equal(found.length, 1, `commands with "${words}"`);
  return found[0] as string;
}

function run(command: string): string {
  return execFileSync("bash", ["-c", command], { cwd: place.root, encoding: "utf8" });
}

/** What jq has put out, one JSON value a line. */
function lines(output: string): readonly object[] {
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
}

describe("the commands of the reader's guide", () => {
  it("show what has happened, the story of a task, and how many there are", async () => {
    const store = place.store({ checkpointBytes: 3000 });
    await enqueueOne(store, { id: "a", priority: 1 });
    await complete(store, await claimOne(store));
    for (let round = 0; round < 12; round++) await enqueueOne(store, { id: `other ${round}` });
    await store.cancel("other 1");
    await store.deleteTask("other 2");

    assert.ok(lines(run(commandWith("All that has happened"))).length > 12);
    const story = lines(run(commandWith("The story of one task")));
    assert.ok(story.length >= 2 && story.every((entry) => JSON.stringify(entry).includes('"a"')));
    assert.deepEqual(JSON.parse(run(commandWith("How many tasks"))), {
      CANCELLED: 1,
      PENDING: 10,
      SUCCESS: 1,
    });
  });

  it("show what is in archives, and count it without what has gone", async () => {
    const store = place.store({ checkpointBytes: 3000, archiveAfter: 0 });
    for (let round = 0; round < 20; round++) {
      await enqueueOne(store, { id: round === 0 ? "a" : `other ${round}` });
      await complete(store, await claimOne(store));
      await store.archive();
    }
    await store.cancel(await enqueueOne(store));
    await store.deleteTask("other 1");
    await store.deleteTask("other 19");
    await store.reschedule("other 2", new Date());
    await enqueueOne(store);

    await store.archive();
    const [found] = lines(run(commandWith("with this in their line"))) as [
      { task: { id: string }; result: { value: string } },
    ];
    assert.deepEqual([found.task.id, found.result.value], ["a", "1"]);
    assert.deepEqual(JSON.parse(run(commandWith("How many tasks"))), {
      CANCELLED: 1,
      PENDING: 2,
      SUCCESS: 17,
    });
  });

  it("make a backup that holds all that was acknowledged before, while the store is in use", async () => {
    const store = place.store({ checkpointBytes: 20_000, archiveAfter: 5 });
    const acknowledged: string[] = [];
    let isEnding = false;
    const load = (async () => {
      for (let round = 1; !isEnding; round++) {
        acknowledged.push(await enqueueOne(store, { payload: "x".repeat(300) }));
        if (round % 2 === 0) await complete(store, await claimOne(store));
      }
    })();
    for (let round = 0; round < 5; round++) {
      const enough = acknowledged.length + 50;
      while (acknowledged.length < enough) await new Promise((resolve) => setImmediate(resolve));
      const before = [...acknowledged];
      run(commandWith("backup"));
      const copy = place.store({ folder: join(place.root, "backup") });
      for (const id of before) assert.equal((await copy.getTask(id))?.id, id);
      await enqueueOne(copy);
      await copy.close();
    }
    isEnding = true;
    await load;
    assert.ok(!readdirSync(place.folder).includes("journal-1.jsonl"), "the journal was never rewritten");
  });

  it("copy once more what was copied in the middle of a write", async () => {
    const store = place.store();
    const id = await enqueueOne(store);
    // The first copy lacks the bytes of a line, which the original has by then.
    const copying = `cp() {
      command cp "$@" && [ -e tried ] && return
      touch tried; printf '\\0\\0' | dd of=backup/journal-1.jsonl bs=1 seek=600 conv=notrunc status=none
    }
    sleep() { echo again; }`;
    assert.equal(run(`${copying}\n${commandWith("backup")}`), "again\n");
    const copy = place.store({ folder: join(place.root, "backup") });
    assert.equal((await copy.getTask(id))?.id, id);
  });
});

describe("the tables of the reader's guide", () => {
  it("name every entry that there is", () => {
    const source = readFileSync(join(import.meta.dirname, "..", "src", "entries.ts"), "utf8");
    const names = [...source.matchAll(/^ {2}\| \{ readonly (\w+):/gm)].map(([, name]) => name);
    assert.ok(names.length > 8);
    for (const name of names) assert.match(README, new RegExp(`^\\| \`${name}\` `, "m"));
  });
});
