import assert from "node:assert/strict";
import { type ResultRecord, type SequencedTask as Row, newResult } from "@omniq/core/storage";
import { MemoryDatabase } from "@omniq/storage-memory";
import { describe, it, vi } from "vitest";
import { elementsOf } from "../src/elements.ts";
import { PackedResults } from "../src/packed-results.ts";
import { PackedRows } from "../src/packed-rows.ts";
import { isAsCreated, newEntry, newTaskIn } from "../src/steps.ts";
import { TextTable } from "../src/text-table.ts";
import { FIELDS, choices, otherwise, rowOf } from "./support/random-rows.ts";

const STATUSES = ["PENDING", "RUNNING", "SUCCESS", "FAILED", "CANCELLED"] as const;
const TEXTS = ["", "a", '"\\', 'ä 🜂 ,"name":null}', "[{]},", "x".repeat(5000)];

const RESULT = {
  run: 1,
  status: "SUCCESS",
  value: "1",
  format: "json",
  error: null,
  attempts: 1,
  startedAt: 0,
  ttlMs: null,
} as const;

function resultOf(taskId: string): ResultRecord {
  return newResult(taskId, RESULT, null, 1);
}

describe("packed rows and results", () => {
  it("answer as those do that are kept as objects, whatever is done to them", () => {
    const { below, oneOf } = choices();
    const table = new PackedResults();
    const packed = new MemoryDatabase(new PackedRows(), table);
    const objects = new MemoryDatabase();
    const both = [packed, objects];
    const ids = Array.from({ length: 300 }, (_none, index) => `${oneOf(["task", "ä", "🜂"])} ${index}`);
    const sequences = new Map<string, number>();
    let last = 0;

    const randomRow = (id: string): Row => {
      const status = oneOf(STATUSES);
      const isFinished = status !== "PENDING" && status !== "RUNNING";
      // Now and then one comes back in the place that it had, as out of an archive.
      if (!packed.has(id) && below(4) > 0) sequences.set(id, ++last);
      const sequence = sequences.get(id) ?? ++last;
      sequences.set(id, sequence);
      return {
        ...rowOf(id, sequence),
        status,
        queue: oneOf(["default", "mail"]),
        name: oneOf(["noop", "send"]),
        priority: below(3),
        payload: oneOf(TEXTS),
        eta: below(100),
        run: 1 + below(3),
        leaseUntil: status === "RUNNING" ? below(100) : null,
        finishedAt: isFinished && below(5) > 0 ? below(100) : null,
        dedupeKey: below(3) === 0 ? oneOf(["one", "two"]) : null,
        holds: below(10) === 0 ? '["paused"]' : null,
        error: below(10) === 0 ? oneOf(TEXTS) : null,
      };
    };
    const randomResult = (taskId: string): ResultRecord => ({
      ...resultOf(taskId),
      run: 1 + below(3),
      value: oneOf(TEXTS),
      startedAt: below(100),
      expiresAt: below(2) === 0 ? below(100) : null,
    });
    const same = <T>(ask: (database: MemoryDatabase) => T): T => {
      const [answer, expected] = both.map(ask) as [T, T];
      assert.deepEqual(answer, expected);
      return answer;
    };
    const byTask = (a: ResultRecord, b: ResultRecord): number =>
      a.taskId < b.taskId ? -1 : a.taskId > b.taskId ? 1 : a.run - b.run;

    for (let step = 0; step < 6000; step++) {
      const id = oneOf(ids);
      const [row, result] = [randomRow(id), randomResult(id)];
      const [now, after] = [below(100), below(last)];
      const queue = oneOf(["default", "mail"]);
      const what = below(100);
      if (what < 45) for (const database of both) database.put(row);
      else if (what < 55) for (const database of both) database.remove(id);
      else if (what < 75) for (const database of both) database.putResult(result);
      else if (what < 78) same((database) => database.removeResult(id, result.run));
      else if (what < 80) same((database) => database.removeResults(id));
      else if (what < 82) same((database) => database.purge({ before: 20, limit: 5, status: null }));
      else if (what < 84) same((database) => [database.due(queue, now, 7), database.lapsed(queue, now, 7)]);
      else if (what < 88) same((database) => [database.nextDue(queue), database.liveByDedupeKey("one")]);
      else if (what < 92)
        same((database) => [database.find(id), database.digestOf(id), database.resultsOf(id).length]);
      else if (what < 94)
        same((database) => database.listTasks({ queue, status: null, name: null }, after, 20));
      else if (what < 95)
        same((database) => database.countTasks().toSorted((a, b) => a.count - b.count).length);
      else if (what < 97) same((database) => database.purgeResults(1000, 10));
      else if (step % 500 === 499) for (const database of both) database.clear();
    }
    same((database) => database.listTasks({ queue: null, status: null, name: null }, 0, 1000));
    same((database) => ids.flatMap((id) => [...database.resultsOf(id)].sort(byTask)));
    same((database) => [...database.results.from(0)].flatMap(({ results }) => results).sort(byTask));
    same((database) => database.purgeResults(1000, 50));
    same((database) => database.rows.size);
    assert.equal(table.size, [...table.from(0)].length);
  });

  it("keep, remove and expire a result of a task that has very many without reading those", () => {
    const results = new PackedResults();
    const result = resultOf("task");
    for (let run = 1; run <= 1000; run++) results.put({ ...result, run, expiresAt: run });
    const parse = vi.spyOn(JSON, "parse");
    results.put({ ...result, run: 1001, expiresAt: null });
    assert.ok(results.remove("task", 500));
    assert.equal(results.expired(2, 10).length, 2);
    assert.equal(parse.mock.calls.length, 2);
    parse.mockRestore();
    assert.equal(results.of("task").length, 1000);
    assert.ok(results.removeAll("task"));
    assert.equal(results.size, 0);
  });

  it("leave no field out", () => {
    const rows = new PackedRows();
    const row = { ...rowOf("a", 1) };
    const results = new PackedResults();
    const result = { ...resultOf("a") };
    for (const object of [row, result] as Record<string, unknown>[])
      for (const name of Object.keys(object)) object[name] ??= name;
    rows.put(row);
    results.put(result);
    assert.deepEqual([...rows.freeze()], [row]);
    assert.deepEqual([...results.freeze()], [result]);
  });

  it.each(FIELDS)("have %s as it was put, also where all else is as it is of a new task", (name) => {
    const rows = new PackedRows();
    const all = [rowOf("a", 1, 1000), otherwise(rowOf("b", 2, 1000), name)];
    for (const row of all) rows.put(row);
    assert.deepEqual([...rows.freeze()], all);
    const created = all
      .filter(isAsCreated)
      .map((row) => ({ ...row, id: `${row.id} "new"`, sequence: row.sequence + 10 }));
    for (const row of created) rows.create(row, newTaskIn(newEntry(row)));
    assert.deepEqual([...rows.freeze()], [...all, ...created]);
  });

  it("stay as they were for whoever has frozen them", () => {
    const rows = new PackedRows();
    const results = new PackedResults();
    const all = Array.from({ length: 2000 }, (_none, index) => rowOf(`task ${index}`, index + 1));
    for (const row of all) rows.put(row);
    const result = resultOf("task 0");
    results.put(result);
    results.put({ ...result, run: 2 });
    const frozen = [rows.freeze(), results.freeze()] as const;
    for (const row of all) rows.put({ ...row, payload: "x".repeat(3000) });
    for (const row of all.slice(0, 1500)) rows.remove(rows.slotOf(row.id) as number);
    for (const row of all.slice(0, 1500)) rows.put({ ...row, sequence: row.sequence + 5000 });
    results.removeAll("task 0");
    assert.deepEqual([...frozen[0]], all);
    assert.deepEqual([...frozen[1]], [result, { ...result, run: 2 }]);
  });
});

describe("a table of texts", () => {
  it("takes no more than half as much again as what is in it", () => {
    const { below, oneOf } = choices();
    const table = new TextTable();
    const expected = new Map<string, string>();
    for (let step = 0; step < 40_000; step++) {
      const key = `key ${below(3000)}`;
      const slot = table.slotOf(key);
      if (below(3) > 0) {
        const text = `${step} ${oneOf(["", "short", "ä".repeat(below(2000)), "x".repeat(below(20_000))])}`;
        table.put(key, text);
        expected.set(key, text);
      } else if (slot !== undefined) {
        table.remove(slot);
        expected.delete(key);
      }
    }
    const bytes = [...expected].reduce((sum, [key, text]) => sum + Buffer.byteLength(key + text) + 12, 0);
    assert.equal(table.size, expected.size);
    assert.ok(table.bytes < 1.5 * bytes + 1024 * 1024, `${table.bytes} bytes for ${bytes}`);
    for (const [key, text] of expected) assert.equal(table.textOf(table.slotOf(key) as number), text);
    for (const key of expected.keys()) table.remove(table.slotOf(key) as number);
    assert.equal(table.size, 0);
    assert.ok(table.bytes <= 1024 * 1024, `${table.bytes} bytes for nothing`);
  });

  it("keeps a text that is larger than its chunks", () => {
    const table = new TextTable();
    const large = "🜂".repeat(2_000_000);
    table.put("small", "1");
    table.put("large", large);
    table.put("other", "2");
    assert.deepEqual(
      ["small", "large", "other"].map((key) => table.textOf(table.slotOf(key) as number).length),
      [1, large.length, 1],
    );
  });
});

describe("the elements of a record", () => {
  it("are those that JSON.parse finds", () => {
    const { below, oneOf } = choices();
    const value = (depth: number): unknown => {
      const what = below(depth > 2 ? 4 : 6);
      if (what === 4) return Array.from({ length: below(4) }, () => value(depth + 1));
      if (what === 5)
        return Object.fromEntries(TEXTS.slice(0, below(4)).map((key) => [key, value(depth + 1)]));
      return [null, below(1000), oneOf(TEXTS), true][what];
    };
    for (let round = 0; round < 500; round++) {
      const record = Array.from({ length: below(5) }, () => value(0));
      const elements = [...elementsOf(Buffer.from(JSON.stringify(record)))];
      assert.deepEqual(
        elements.map((element) => JSON.parse(element.toString()) as unknown),
        record,
      );
    }
  });
});
