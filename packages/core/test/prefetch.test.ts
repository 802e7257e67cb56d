import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { Prefetch } from "../src/worker/prefetch.ts";

const full = { isFull: true, waiting: 0 };

describe("how many tasks are claimed ahead", () => {
  it("grows while the store has plenty and every task found its slot, up to the most", () => {
    const prefetch = new Prefetch(40);
    prefetch.ran(0);
    const sizes = [0, 1, 2, 3].map(() => {
      prefetch.observe(full);
      return prefetch.size;
    });
    assert.deepEqual(sizes, [4, 16, 40, 40]);
  });

  it("stays where the store has no more", () => {
    const prefetch = new Prefetch(6);
    prefetch.observe({ isFull: false, waiting: 0 });
    assert.equal(prefetch.size, 0);
  });

  it("halves where tasks that were claimed ahead still wait", () => {
    const prefetch = new Prefetch(8);
    prefetch.ran(0);
    for (let turn = 0; turn < 4; turn++) prefetch.observe(full);
    prefetch.observe({ isFull: true, waiting: 3 });
    assert.equal(prefetch.size, 4);
  });

  it("is nothing until a run has ended, which is when it is known how long they take", () => {
    const prefetch = new Prefetch(8);
    prefetch.observe(full);
    assert.equal(prefetch.size, 0);
    prefetch.ran(1);
    prefetch.observe(full);
    assert.equal(prefetch.size, 4);
  });

  it("is nothing while tasks take long, and nothing at all where it is switched off", () => {
    const prefetch = new Prefetch(8);
    for (let run = 0; run < 20; run++) prefetch.ran(50);
    prefetch.observe(full);
    assert.equal(prefetch.size, 0);
    const off = new Prefetch(0);
    off.ran(0);
    off.observe(full);
    assert.equal(off.size, 0);
  });
});
