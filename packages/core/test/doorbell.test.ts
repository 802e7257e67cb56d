import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Doorbell } from "@omniq/core/storage";
import { afterEach, beforeEach, describe, it } from "vitest";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "omniq-doorbell-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a doorbell", () => {
  it("is heard", async () => {
    const bell = new Doorbell(join(folder, "bell"));
    const heard = Promise.withResolvers<void>();
    const watch = bell.listen(() => heard.resolve());
    bell.ring();
    await heard.promise;
    await watch.close();
    await bell.close();
  });

  it("that cannot be watched is warned of, and keeps nobody from working", async () => {
    const bell = new Doorbell(join(folder, "bell"));
    await bell.listen(() => {}).close();
    rmSync(join(folder, "bell"));
    const warned = once(process, "warning") as Promise<[Error & { readonly code: string }]>;
    const watch = bell.listen(() => assert.fail("it was heard"));
    assert.equal((await warned)[0].code, "OMNIQ_NOT_WATCHED");
    bell.ring();
    await watch.close();
    await bell.close();
  });
});
