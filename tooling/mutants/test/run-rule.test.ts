import assert from "node:assert/strict";
import { MemoryStorage } from "@omniq/storage-memory";
import {
  type Check,
  type Place,
  type Rule,
  type StorageHarness,
  ruleOf,
  runCheck,
  runRule,
  runRules,
} from "@omniq/storage-testkit";
import { describe, it } from "vitest";
import { MUTANTS, harnessOf } from "../src/index.ts";

const memory = harnessOf({});

/** The memory store, noting what the kit does with its place. */
function watched(
  place: Partial<Place> = {},
  connect: StorageHarness["connect"] = (_, options) => new MemoryStorage(options),
): { harness: StorageHarness; calls: string[] } {
  const calls: string[] = [];
  const harness: StorageHarness = {
    name: "watched",
    async setUp() {
      calls.push("setUp");
      return {
        config: null,
        async cleanUp() {
          calls.push("cleanUp");
        },
        ...place,
      };
    },
    connect,
  };
  return { harness, calls };
}

function check(run: Check["run"], more: Partial<Check> = {}): Check {
  return { name: "a check", run, ...more };
}

function rule(...checks: readonly Check[]): Rule {
  return { ...ruleOf("GET-1"), id: "XXX-1", checks };
}

describe("a check", () => {
  it("that fails says its name, what it observed, and the seed", async () => {
    const result = await runCheck(
      memory,
      check(async () => assert.fail("it was 3")),
      { seed: 7 },
    );
    assert.deepEqual(result, { status: "failed", reason: "a check: it was 3 (seed 7)" });
  });

  it("that throws something else is told as it is", async () => {
    const text = await runCheck(
      memory,
      check(async () => {
        // oxlint-disable-next-line typescript/only-throw-error -- what a store throws may be anything
        throw "a text";
      }),
    );
    assert.deepEqual(text, { status: "failed", reason: "a check: threw a text, which is no Error (seed 1)" });
    const error = await runCheck(
      memory,
      check(() => Promise.reject(new TypeError("no such thing"))),
    );
    assert.deepEqual(error, { status: "failed", reason: "a check: threw TypeError: no such thing (seed 1)" });
  });

  it("that hangs is given up, and its place cleaned up", async () => {
    const { harness, calls } = watched();
    const result = await runCheck(
      harness,
      check(() => new Promise(() => {})),
      { limitMs: 20 },
    );
    assert.deepEqual(result, { status: "failed", reason: "a check: still not done after 20 ms (seed 1)" });
    assert.deepEqual(calls, ["setUp", "cleanUp"]);
  });

  it("gets the same random numbers for the same seed", async () => {
    const seen: number[] = [];
    const look = check(async ({ random }) => void seen.push(random()));
    for (const seed of [1, 1, 2]) await runCheck(memory, look, { seed });
    assert.equal(seen[0], seen[1]);
    assert.notEqual(seen[1], seen[2]);
  });

  it("is given stores that are closed afterwards", async () => {
    const stores: MemoryStorage[] = [];
    const { harness } = watched({}, (_, options) => {
      const store = new MemoryStorage(options);
      stores.push(store);
      return store;
    });
    await runCheck(
      harness,
      check(async (context) => void context.connectMany(2)),
    );
    assert.equal(stores.length, 3);
    for (const store of stores) await assert.rejects(store.getTask("x"), { code: "closed" });
  });

  it("tells a place with a clock of its own the time, at first and whenever it moves", async () => {
    const times: number[] = [];
    const { harness } = watched({ setNow: async (now) => void times.push(now) });
    await runCheck(
      harness,
      check((context) => context.advance(5)),
    );
    assert.equal(times.length, 2);
    assert.equal((times[1] ?? 0) - (times[0] ?? 0), 5);
  });
});

describe("a place", () => {
  it("that cannot be set up fails the rule", async () => {
    const harness: StorageHarness = {
      name: "none",
      setUp: () => Promise.reject(new Error("no such server")),
      connect: () => new MemoryStorage(),
    };
    const { status, reason } = await runRule(harness, ruleOf("GET-1"));
    assert.deepEqual([status, reason], ["failed", "set up: threw Error: no such server (seed 1)"]);
  });

  it("that cannot be cleaned up fails the rule too", async () => {
    const { harness } = watched({ cleanUp: () => Promise.reject(new Error("busy")) });
    const { status, reason } = await runRule(harness, ruleOf("GET-1"));
    assert.deepEqual([status, reason], ["failed", "clean up: threw Error: busy (seed 1)"]);
  });

  it("is fresh for each check", async () => {
    const { harness, calls } = watched();
    await runRule(
      harness,
      rule(
        check(async () => {}),
        check(async () => {}, { name: "another" }),
      ),
    );
    assert.deepEqual(calls, ["setUp", "cleanUp", "setUp", "cleanUp"]);
  });
});

describe("a rule", () => {
  const pass = check(async () => {});
  const fail = check(async () => assert.fail("seen"));

  it("asks for a capability where it is declared, and for its negative where it is not", async () => {
    const both = rule({ ...fail, needs: "durable" }, { ...pass, without: "durable" });
    assert.equal((await runRule(memory, both)).status, "passed");
    const other = rule({ ...pass, needs: "strictOrder" }, { ...fail, without: "strictOrder" });
    assert.equal((await runRule(memory, other)).status, "passed");
    assert.equal((await runRule(memory, rule({ ...fail, needs: "strictOrder" }))).status, "failed");
  });

  it("of a capability that the store lacks is skipped, and says so", async () => {
    const { status, reason } = await runRule(memory, {
      ...rule(fail),
      level: "capability",
      capability: "durable",
    });
    assert.equal(status, "skipped");
    assert.match(
      reason ?? "",
      /^memory does not declare durable; instead, a place whose stores were all closed/,
    );
  });

  it("of a door that the harness lacks is untested, and never passed", async () => {
    const { harness } = watched();
    const behind = { ...fail, door: "claimWork" } as const;
    const { status, reason } = await runRule(harness, rule(pass, behind));
    assert.deepEqual(
      [status, reason],
      ["untested", "the harness of watched gives no claimWork() or claimPlan()"],
    );
    assert.equal((await runRule(memory, rule(behind))).status, "failed");
    assert.equal((await runRule(harness, rule(behind, { ...fail, name: "another" }))).status, "failed");
  });

  it("that fails does not keep the next from running", async () => {
    const results = await runRules(memory, [rule(fail), rule(pass)]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["failed", "passed"],
    );
  });
});

describe("a check that needs a second place", () => {
  it("gets one, which is cleaned up with the first, or before", async () => {
    const { harness, calls } = watched();
    const result = await runCheck(
      harness,
      check(async (context) => {
        const beside = await context.beside();
        await context.beside();
        assert.equal(await beside.store.getTask("x"), null);
        await context.leave(beside);
        await context.leave(beside);
        assert.deepEqual(calls, ["setUp", "setUp", "setUp", "cleanUp"]);
      }),
    );
    assert.deepEqual(result, { status: "passed", notes: [] });
    assert.deepEqual(calls, ["setUp", "setUp", "setUp", "cleanUp", "cleanUp", "cleanUp"]);
  });
});

describe("a history that fails", () => {
  const histories = ruleOf("FIN-5").checks.find(({ name }) => name.startsWith("random histories"));
  const broken = MUTANTS.find(({ name }) => name === "a revived task is held no more");
  assert.ok(histories && broken);

  it("is told with its calls, its seed, and what runs it again", async () => {
    const first = await runCheck(harnessOf(broken), histories, { seed: 5 });
    assert.equal(first.status, "failed");
    const found =
      /^(.+): (task .+), after the history: (.+)\. To run it again: seed 5, replay \{ path: "(.+)", commands: "(.+)" \}/.exec(
        first.reason,
      );
    assert.ok(found, first.reason);
    const [, , observed, calls, path = "", commands = ""] = found;
    assert.match(calls ?? "", /hold\("[abc]"\).*retryTask\("[abc]"\)/);
    const again = await runCheck(harnessOf(broken), histories, { seed: 5, replay: { path, commands } });
    assert.equal(again.status, "failed");
    assert.ok(again.reason.includes(`${observed}, after the history: ${calls}.`), again.reason);
    const whole = await runCheck(memory, histories, { seed: 5, replay: { path, commands } });
    assert.deepEqual(whole, { status: "passed", notes: [] });
  });

  it("is as short as can be", async () => {
    const result = await runCheck(harnessOf(broken), histories, { seed: 6 });
    assert.equal(result.status, "failed");
    const calls = /after the history: (.+)\. To run/.exec(result.reason)?.[1] ?? "";
    assert.equal(calls.split("),").length, 4, calls);
  });
});
