import assert from "node:assert/strict";
import { NotImplementedError } from "@omniq/core";
import { BaseStorage, REQUIRED_HOOKS, StorageHooks } from "@omniq/core/storage";
import { describe, it } from "vitest";
import { fakeStorage } from "./support/fake-storage.ts";

/** As an author who writes JavaScript sees it: no compiler lists the hooks. */
const Base = BaseStorage as unknown as new (adapter: object) => object;

const adapter = { name: "mine", version: "1.0.0", capabilities: {} };

describe("S4.2 a storage class written in JavaScript", () => {
  it("that lacks every hook is told all their names when it is constructed", () => {
    class MyStorage extends Base {}
    assert.throws(() => new MyStorage(adapter), {
      name: NotImplementedError.name,
      code: "not_implemented",
      missing: [...REQUIRED_HOOKS],
      message: /^MyStorage lacks doOpen, doClose, .*doWrite \(for settle, reschedule, cancel\)/,
    });
  });

  it("that lacks some is told which", () => {
    class MyStorage extends Base {}
    const lacking = ["doGetTask", "doPurge"];
    for (const hook of REQUIRED_HOOKS) {
      if (!lacking.includes(hook)) Object.defineProperty(MyStorage.prototype, hook, { value: () => {} });
    }
    assert.throws(() => new MyStorage(adapter), {
      missing: lacking,
      message:
        "MyStorage lacks doGetTask (for getTask, reschedule), doPurge. A storage class implements every hook of " +
        "BaseStorage; docs/contract.md lists them.",
    });
  });

  it("that has a hook which is no function lacks it", () => {
    class MyStorage extends Base {}
    for (const hook of REQUIRED_HOOKS) {
      Object.defineProperty(MyStorage.prototype, hook, { value: hook === "doOpen" ? "soon" : () => {} });
    }
    assert.throws(() => new MyStorage(adapter), { missing: ["doOpen"] });
  });

  it("that has them all is a store", () => {
    assert.ok(fakeStorage() instanceof BaseStorage);
  });

  it("needs none that the base class has", () => {
    const own = Object.getOwnPropertyNames(StorageHooks.prototype).filter((name) => name.startsWith("do"));
    assert.deepEqual(own.toSorted(), [
      "doEnqueueVia",
      "doExchange",
      "doImportEvents",
      "doImportResults",
      "doListResults",
      "doNotify",
      "doWatch",
    ]);
    assert.deepEqual(
      own.filter((name) => (REQUIRED_HOOKS as readonly string[]).includes(name)),
      [],
    );
  });
});
