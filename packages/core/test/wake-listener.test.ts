import assert from "node:assert/strict";
import { type Listen, type Watch, listenForWakes } from "@omniq/core/storage";
import { afterEach, describe, it, vi } from "vitest";

const watches: Watch[] = [];
afterEach(async () => {
  for (const watch of watches.splice(0)) await watch.close();
});

/** Listens on connections that are made as `connect` says; how many there were, and how many hints. */
async function listening(connect: (tries: number, ended: AbortController) => ReturnType<Listen>) {
  const seen = { tries: 0, hints: 0, ended: [] as AbortSignal[] };
  const open: Listen = (ended) => {
    seen.ended.push(ended.signal);
    return connect(seen.tries++, ended);
  };
  const watch = await listenForWakes(open, 1, () => seen.hints++);
  watches.push(watch);
  return { seen, watch };
}

const alive = async (): Promise<unknown> => null;
const silent = async (): Promise<never> => {
  throw new Error("no sign of life");
};

describe("listening for what other processes announce", () => {
  it("goes on with one connection for as long as it gives signs of life", async () => {
    let beats = 0;
    const { seen } = await listening(async () => async () => beats++);
    await vi.waitFor(() => assert.ok(beats > 3));
    assert.deepEqual([seen.tries, seen.hints], [1, 1]);
  });

  it("replaces one that gives none, and counts each new one as an announcement", async () => {
    const { seen } = await listening(async (tries) => (tries < 2 ? silent : alive));
    await vi.waitFor(() => assert.equal(seen.tries, 3), { timeout: 10_000 });
    await vi.waitFor(() => assert.equal(seen.hints, 3));
    assert.deepEqual(
      seen.ended.map(({ aborted }) => aborted),
      [true, true, false],
    );
  });

  it("replaces one that ends by itself", async () => {
    const { seen } = await listening(async (tries, ended) => {
      if (tries === 0) setImmediate(() => ended.abort());
      return alive;
    });
    await vi.waitFor(() => assert.equal(seen.tries, 2), { timeout: 10_000 });
  });

  it("answers once the first try has failed, and goes on trying", async () => {
    const { seen } = await listening((tries) => (tries === 0 ? silent() : Promise.resolve(alive)));
    assert.equal(seen.hints, 0);
    await vi.waitFor(() => assert.equal(seen.hints, 1), { timeout: 10_000 });
  });

  it("ends its connection when it is closed, and makes no other", async () => {
    const { seen, watch } = await listening(async () => alive);
    await watch.close();
    await watch.close();
    assert.equal(seen.ended[0]?.aborted, true);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(seen.tries, 1);
  });
});
