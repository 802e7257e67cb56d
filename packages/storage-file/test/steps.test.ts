import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ResultRecord, SequencedTask as Row } from "@omniq/core/storage";
import { nodeFileSystem } from "@omniq/journal";
import { claim, claimOne, complete, enqueueOne } from "@omniq/test-support/steps";
import { describe, it } from "vitest";
import { FileDatabase } from "../src/file-database.ts";
import { segmentsOf, untilRewritten } from "./support/journal-files.ts";
import { usePlace } from "./support/place.ts";
import { FIELDS, choices, otherwise, rowOf } from "./support/random-rows.ts";

const place = usePlace();

type Entry = Readonly<Record<string, Record<string, unknown>>>;

/** The entries of the lines of a segment, after which there may be zeros. */
function entriesOf(lines: string): readonly Entry[] {
  return lines
    .replaceAll("\0", "")
    .split("\n")
    .filter(Boolean)
    .flatMap((line) => (JSON.parse(line) as { readonly r?: readonly Entry[] }).r ?? []);
}

/** What every entry of a kind has. */
function fieldsOf(entries: readonly Entry[], kind: string): readonly string[] {
  return entries.flatMap((entry) => (entry[kind] ? Object.keys(entry[kind]).join(" ") : []));
}

function emptyDatabase(): FileDatabase {
  return new FileDatabase(assert.fail, { pathOf: (name) => name, open: () => null });
}

function claimed(row: Row, now: number): Row {
  return {
    ...row,
    status: "RUNNING",
    attempts: row.attempts + 1,
    token: String(now),
    workerId: "one",
    leaseUntil: now + 30_000,
    lastAttemptAt: now,
    updatedAt: now,
    progress: null,
    revision: row.revision + 1,
  };
}

function settled(row: Row, status: Row["status"], now: number): Row {
  return {
    ...row,
    status,
    token: null,
    workerId: null,
    leaseUntil: null,
    progress: null,
    settledToken: row.token,
    settledDigest: "digest",
    finishedAt: now,
    updatedAt: now,
    revision: row.revision + 1,
  };
}

describe("what is recorded of tasks and results", () => {
  /** Two databases, the second of which reads what the first records; and which entries those were. */
  function pair() {
    const [writer, reader] = [emptyDatabase(), emptyDatabase()];
    const kinds = new Set<string>();
    const record = (isFormCurrent: boolean, id: string, work: () => void): void => {
      for (const line of writer.record(isFormCurrent, work).records) {
        for (const entry of JSON.parse(line.toString()) as Entry[]) {
          const isShort = entry["result"] && !("run" in entry["result"]);
          kinds.add(`${isFormCurrent}${isShort ? " short" : ""} ${Object.keys(entry).join()}`);
        }
        reader.apply(line as Buffer);
      }
      assert.deepEqual(reader.find(id), writer.find(id));
      assert.deepEqual(reader.resultsOf(id), writer.resultsOf(id));
    };
    return { writer, record, kinds };
  }

  it.each(FIELDS)(
    "makes the same where %s is not what every task has that is new, claimed or settled",
    (name) => {
      const { writer, record } = pair();
      const make = (id: string, ...rows: readonly ((row: Row) => Row)[]): void => {
        let row = rowOf(id, writer.nextSequence(), 1000);
        for (const next of [(same: Row) => same, ...rows]) {
          row = next(row);
          record(true, id, () => writer.put(row));
        }
      };
      record(true, "new", () => writer.create(otherwise(rowOf("new", writer.nextSequence(), 1000), name)));
      make("claimed", (row) => otherwise(claimed(row, 2000), name));
      make(
        "settled",
        (row) => claimed(row, 2000),
        (row) => otherwise(settled(row, "SUCCESS", 3000), name),
      );
    },
  );

  it("makes the same of them where it is read, in the newest form and in the one before", () => {
    const { below, oneOf } = choices();
    const { writer, record, kinds } = pair();
    let instant = 1_700_000_000_000;

    const resultOf = (row: Row): ResultRecord => ({
      taskId: row.id,
      run: row.run,
      status: row.status === "FAILED" ? "FAILED" : "SUCCESS",
      value: oneOf([null, "1"]),
      format: row.format,
      error: oneOf([row.error, row.error, "{}"]),
      attempts: row.attempts + oneOf([0, 0, 1]),
      startedAt: oneOf([row.lastAttemptAt, row.lastAttemptAt, null]),
      finishedAt: row.finishedAt ?? 1,
      expiresAt: oneOf([null, instant + 1]),
      pendingToken: null,
    });
    const status = (): Row["status"] => oneOf(["SUCCESS", "SUCCESS", "FAILED", "CANCELLED", "PENDING"]);
    const randomNew = (id: string): Row => ({
      ...rowOf(id, writer.nextSequence(), instant),
      eta: instant + oneOf([0, 1000]),
      priority: below(3),
      timeout: oneOf([null, 5]),
      headers: oneOf([null, "{}"]),
    });
    const step = (id: string): void => {
      const row = writer.find(id);
      const what = below(10);
      const name = oneOf(FIELDS);
      if (!row) writer.create(what < 5 ? randomNew(id) : otherwise(randomNew(id), name));
      else if (what < 3) writer.put(claimed(row, instant));
      else if (what < 6) writer.put(settled(row, status(), instant));
      else if (what < 7) writer.put(otherwise(claimed(row, instant), name));
      else if (what < 8) writer.put(otherwise(settled(row, status(), instant), name));
      else if (what < 9) writer.put(otherwise(row, name));
      else writer.remove(id);
      const after = writer.find(id);
      if (after && after.finishedAt !== null) writer.putResult(resultOf(after));
    };

    const ids = Array.from({ length: 20 }, (_none, index) => `task ${index}`);
    for (const isFormCurrent of [false, true, false, true]) {
      for (let count = 0; count < 1000; count++) {
        const id = oneOf(ids);
        instant++;
        record(isFormCurrent, id, () => step(id));
      }
    }
    // In which form a queue is first heard of is a matter of chance.
    const ofTasks = [...kinds].filter((kind) => !kind.endsWith(" queue"));
    assert.deepEqual(ofTasks.toSorted(), [
      "false change",
      "false gone",
      "false put",
      "false result",
      "true change",
      "true claim",
      "true gone",
      "true new",
      "true put",
      "true result",
      "true settle",
      "true short result",
    ]);
  });

  it("does not say what is the same for every task that is new, claimed, or has succeeded", async () => {
    const store = place.store();
    await enqueueOne(store, { id: "a" });
    await complete(store, await claimOne(store));
    const entries = entriesOf(readFileSync(segmentsOf(place.folder).at(-1) as string, "utf8"));
    const created = "id at name payload contentDigest sequence";
    assert.deepEqual(fieldsOf(entries, "new"), [created]);
    assert.deepEqual(fieldsOf(entries, "claim"), ["id at token workerId leaseUntil"]);
    assert.deepEqual(fieldsOf(entries, "settle"), ["id at settledDigest"]);
    assert.deepEqual(fieldsOf(entries, "result"), ["taskId value expiresAt"]);
    assert.deepEqual([...fieldsOf(entries, "put"), ...fieldsOf(entries, "change")], []);
  });

  it("is of the form before in a segment that older releases read, until the journal was rewritten", async () => {
    cpSync(join(import.meta.dirname, "fixtures", "format-2"), place.folder, { recursive: true });
    let canRewrite = false;
    const link = (from: string, to: string): boolean => {
      if (to.endsWith("journal-2.jsonl") && !canRewrite) throw new Error("not now");
      return nodeFileSystem.link(from, to);
    };
    const store = place.store({ fileSystem: { ...nodeFileSystem, link } });
    const old = segmentsOf(place.folder).at(-1) as string;
    const before = readFileSync(old, "utf8");
    await enqueueOne(store);
    for (const task of await claim(store)) await complete(store, task);
    const entries = entriesOf(readFileSync(old, "utf8").slice(before.length));
    assert.ok(fieldsOf(entries, "change").length >= 2, "nothing was claimed and completed");
    const newest = ["new", "claim", "settle"].flatMap((kind) => fieldsOf(entries, kind));
    assert.deepEqual(newest, []);

    await store.close();
    canRewrite = true;
    const next = place.store();
    await next.open();
    await untilRewritten(old);
    await enqueueOne(next, { id: "new" });
    await complete(next, await claimOne(next));
    const [rewritten = ""] = segmentsOf(place.folder);
    const written = entriesOf(readFileSync(rewritten, "utf8"));
    assert.equal(fieldsOf(written, "settle").length, 1);
    assert.match(readFileSync(rewritten, "utf8"), /"content":\{"name":"omniq-tasks","version":4\}/);
  });
});
