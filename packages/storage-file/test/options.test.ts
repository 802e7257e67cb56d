import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { FileStorage, createStorage } from "@omniq/storage-file";
import { enqueueOne } from "@omniq/test-support/steps";
import { describe, it, vi } from "vitest";
import { usePlace } from "./support/place.ts";

const place = usePlace();

describe("a store that is constructed", () => {
  it("touches nothing until it is used, and closes without having been", async () => {
    const store = new FileStorage(place.folder);
    await store.close();
    assert.ok(!existsSync(place.folder));
    await assert.rejects(store.open(), { code: "closed" });
  });

  it("knows its folder, absolute; one in the base directory is the default", () => {
    assert.equal(new FileStorage("jobs").folder, resolve("jobs"));
    vi.stubEnv("OMNIQ_BASE_DIR", undefined);
    assert.equal(new FileStorage().folder, resolve("omniq_data/journal"));
    vi.stubEnv("OMNIQ_BASE_DIR", "");
    assert.equal(new FileStorage().folder, resolve("omniq_data/journal"));
    vi.stubEnv("OMNIQ_BASE_DIR", place.root);
    assert.equal(new FileStorage().folder, join(place.root, "journal"));
  });

  it.each<[code: string, options: object, field: string]>([
    ["unknown_option", { path: "x" }, "path"],
    ["invalid_duration", { lockTimeout: "soon" }, "lockTimeout"],
    ["invalid_duration", { stallLimit: "soon" }, "stallLimit"],
    ["invalid_checkpoint_bytes", { checkpointBytes: 0 }, "checkpointBytes"],
    ["invalid_archive_after", { archiveAfter: -1 }, "archiveAfter"],
    ["invalid_events", { events: "some" }, "events"],
  ])("is refused as %s: %o", (code, options, field) => {
    assert.throws(() => new FileStorage(options), { name: "ValidationError", code, field });
  });
});

describe("a store that is named by a URL", () => {
  it.each([
    ["file:jobs", resolve("jobs")],
    ["file:./data/jobs", resolve("data/jobs")],
    ["file:/var/lib/jobs", resolve("/var/lib/jobs")],
    ["file:///var/lib/jobs", resolve("/var/lib/jobs")],
    ["FILE:jobs", resolve("jobs")],
  ])("%s is the folder %s", (url, folder) => {
    assert.equal((createStorage(url) as FileStorage).folder, folder);
  });

  it.each(["file:", "file://", "file://host/jobs", "file:jobs?mode=ro", "jobs", "sqlite:jobs"])(
    "is refused where it names no folder: %s",
    (url) => {
      assert.throws(() => createStorage(url), { name: "ValidationError", code: "invalid_url", field: "url" });
    },
  );
});

describe("a worker in another process", () => {
  it("is woken by the doorbell", async () => {
    const listener = place.store();
    let ring = (): void => {};
    const rung = new Promise<void>((resolvePromise) => (ring = resolvePromise));
    const watch = await listener.watch(() => ring());
    await enqueueOne(place.store());
    await rung;
    await watch.close();
  });
});
