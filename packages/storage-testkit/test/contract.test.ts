import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { TRANSITIONS, type Operation } from "@omniq/core/storage";
import { CHECKLIST, RULES, type RuleKind, ruleOf } from "@omniq/storage-testkit";
import { describe, it } from "vitest";
import { page, stateTable, statedRules } from "./contract-page.ts";

const KINDS: Readonly<Record<string, RuleKind>> = {
  u: "unit",
  c: "clock",
  m: "model",
  r: "race",
  p: "process",
  f: "fault",
  a: "audit",
};

describe("the kit and docs/contract.md say the same", () => {
  const stated = statedRules();

  for (const rule of RULES) {
    it(`${rule.id}: sentence, kinds and level`, () => {
      const found = stated.find(({ id }) => id === rule.id);
      assert.ok(found, `docs/contract.md does not state ${rule.id}`);
      assert.equal(rule.statement, found.sentence);
      assert.deepEqual(
        rule.kinds,
        found.letters.filter((letter) => letter !== "S").map((letter) => KINDS[letter]),
      );
      assert.equal(rule.level === "recommended", found.letters.includes("S"));
    });
  }

  it("each rule of the page is in the kit", () => {
    assert.deepEqual(RULES.map(({ id }) => id).toSorted(), stated.map(({ id }) => id).toSorted());
    assert.ok(stated.length > 80, `only ${stated.length} rules were found on the page`);
  });

  it("each file that the page names is there", () => {
    const files = [...page.matchAll(/`((?:model|storage|ports|errors|topics)\/[\w-]+\.ts)`/g)].map(
      (found) => found[1] ?? "",
    );
    assert.ok(files.length > 20, `only ${files.length} files were found on the page`);
    for (const file of files) {
      const folder = file.startsWith("topics/") ? "../src/" : "../../core/src/";
      assert.ok(
        existsSync(new URL(folder + file, import.meta.url)),
        `docs/contract.md names ${file}, which is not there`,
      );
    }
  });
});

describe("the table of states on the page is the table in core", () => {
  const names: Readonly<Record<string, readonly Operation[]>> = {
    reschedule: ["reschedule"],
    "schedule, changed": ["schedule"],
    cancel: ["cancel"],
    retryTask: ["retry"],
    "hold, unhold": ["hold", "unhold"],
    deleteTask: ["delete"],
  };

  it("names every operation", () => {
    const operations = stateTable().flatMap(({ operation }) => names[operation] ?? []);
    assert.deepEqual(operations.toSorted(), Object.keys(TRANSITIONS).toSorted());
  });

  for (const { operation, cells } of stateTable().filter((row) => names[row.operation])) {
    it(operation, () => {
      for (const name of names[operation] ?? []) {
        for (const [status, cell] of Object.entries(cells)) {
          const listed = TRANSITIONS[name][status as keyof (typeof TRANSITIONS)[Operation]];
          const where = `${operation} of ${status}: "${cell}"`;
          const to = cell.startsWith("only with force")
            ? "gone"
            : cell.startsWith("no change")
              ? "unchanged"
              : cell.split(",")[0];
          assert.equal(listed?.to ?? "-", to, where);
          assert.equal(listed?.newRun ?? false, cell.includes("new run"), where);
          assert.equal(listed?.keepsLease ?? false, cell.includes("token stays"), where);
          assert.equal(listed?.needsForce ?? false, cell.startsWith("only with force"), where);
        }
      }
    });
  }
});

describe("the rules", () => {
  it("have ids of their own, a reason, and checks with names of their own", () => {
    assert.equal(new Set(RULES.map(({ id }) => id)).size, RULES.length);
    for (const { id, why, checks } of RULES) {
      assert.ok(why.endsWith("."), `${id} says no why`);
      assert.ok(checks.length > 0, `${id} has no checks`);
      assert.equal(
        new Set(checks.map(({ name }) => name)).size,
        checks.length,
        `${id} names two checks alike`,
      );
    }
  });

  it("come by topic and number", () => {
    const order = RULES.filter(({ topic }) => topic === "claim").map(({ id }) => id);
    assert.deepEqual(
      order,
      order.toSorted((a, b) => Number(a.slice(4)) - Number(b.slice(4))),
    );
  });

  it("are found by id", () => {
    assert.equal(ruleOf("FIN-5").topic, "finish");
    assert.throws(() => ruleOf("FIN-99"), RangeError);
  });

  it("are joined by the ten points of the checklist", () => {
    assert.deepEqual(
      CHECKLIST.map(({ point }) => point),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
  });
});
