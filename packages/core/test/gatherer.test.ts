import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { describe, it } from "vitest";
import { StorageError } from "../src/errors/storage-error.ts";
import { Gatherer } from "../src/queue/gatherer.ts";

/** A gatherer whose batches wait until the test lets them go. */
function held(
  maxBatch?: number,
  maxWaiting?: number,
  lanes?: number,
): {
  gatherer: Gatherer<number, string>;
  batches: { items: readonly number[]; go: () => void; fail: (reason: Error) => void }[];
} {
  const batches: ReturnType<typeof held>["batches"] = [];
  const gatherer = new Gatherer<number, string>(
    (items) => {
      const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
      batches.push({ items, go: () => resolve(items.map((item) => `answer ${item}`)), fail: reject });
      return promise;
    },
    {
      ...(maxBatch !== undefined && { maxBatch }),
      ...(maxWaiting !== undefined && { maxWaiting }),
      ...(lanes !== undefined && { lanes }),
    },
  );
  return { gatherer, batches };
}

const itemsOf = (batches: readonly { items: readonly number[] }[]): unknown =>
  batches.map(({ items }) => items);

describe("concurrent calls", () => {
  it("that are made at once are one batch, each with its own answer", async () => {
    const { gatherer, batches } = held();
    const answers = [1, 2, 3].map((item) => gatherer.add(item));
    assert.deepEqual(itemsOf(batches), []);
    await turn();
    assert.deepEqual(itemsOf(batches), [[1, 2, 3]]);
    batches[0]?.go();
    assert.deepEqual(await Promise.all(answers), ["answer 1", "answer 2", "answer 3"]);
  });

  it("are as many batches as their length asks for, one that is too long standing alone", async () => {
    const batches: (readonly string[])[] = [];
    const gatherer = new Gatherer<string, string>(
      async (items) => {
        batches.push(items.map((item) => item.slice(0, 1)));
        return items;
      },
      { lengthOf: (item) => item.length },
    );
    const items = ["a", "b", "c", "d"].map((letter) => letter.repeat(letter === "c" ? 9_000_000 : 3_000_000));
    assert.deepEqual(await Promise.all(items.map((item) => gatherer.add(item))), items);
    assert.deepEqual(batches, [["a", "b"], ["c"], ["d"]]);
  });

  it("go at once where they are the first of a turn of the event loop; later ones of it go at its end, together", async () => {
    const { gatherer, batches } = held(undefined, undefined, 2);
    void gatherer.add(1);
    await Promise.resolve();
    assert.deepEqual(itemsOf(batches), [[1]]);
    void gatherer.add(2);
    await Promise.resolve();
    void gatherer.add(3);
    await Promise.resolve();
    assert.deepEqual(itemsOf(batches), [[1]]);
    await turn();
    assert.deepEqual(itemsOf(batches), [[1], [2, 3]]);
  });

  it("go at once after two batches were answered in one turn, if not in that in which they were sent", async () => {
    const { gatherer, batches } = held(undefined, undefined, 2);
    for (const item of [1, 2]) {
      void gatherer.add(item);
      await turn();
      await turn();
    }
    void gatherer.add(3);
    batches[0]?.go();
    for (let step = 0; step < 10; step++) await Promise.resolve();
    assert.deepEqual(itemsOf(batches), [[1], [2], [3]]);
    batches[1]?.go();
    await turn();
    await turn();
    void gatherer.add(4);
    await Promise.resolve();
    assert.deepEqual(itemsOf(batches), [[1], [2], [3], [4]]);
  });

  it("wait for the end of the turn, all of them, where sending takes up the turn itself", async () => {
    const batches: (readonly number[])[] = [];
    const gatherer = new Gatherer<number, number>(async (items) => {
      batches.push(items);
      return items;
    });
    await gatherer.add(1);
    await turn();
    void gatherer.add(2);
    await Promise.resolve();
    void gatherer.add(3);
    await turn();
    assert.deepEqual(batches, [[1], [2, 3]]);
  });

  it("that come while a batch is under way wait for its end, and are one batch then", async () => {
    const { gatherer, batches } = held();
    const first = gatherer.add(1);
    await turn();
    const later = [gatherer.add(2)];
    await turn();
    later.push(gatherer.add(3));
    await turn();
    assert.deepEqual(itemsOf(batches), [[1]]);
    batches[0]?.go();
    assert.equal(await first, "answer 1");
    await turn();
    assert.deepEqual(itemsOf(batches), [[1], [2, 3]]);
    batches[1]?.go();
    assert.deepEqual(await Promise.all(later), ["answer 2", "answer 3"]);
  });

  it("that are more than a batch holds go in several, one after the other, in order", async () => {
    const { gatherer, batches } = held(2);
    const answers = Promise.all([1, 2, 3, 4, 5].map((item) => gatherer.add(item)));
    for (let sent = 0; sent < 3; sent++) {
      await turn();
      assert.equal(batches.length, sent + 1);
      batches[sent]?.go();
      await turn();
    }
    assert.deepEqual(
      await answers,
      [1, 2, 3, 4, 5].map((item) => `answer ${item}`),
    );
    assert.deepEqual(itemsOf(batches), [[1, 2], [3, 4], [5]]);
  });

  it("are parted among two batches where two may be under way, in order, and the next go as soon as one is done", async () => {
    const { gatherer, batches } = held(undefined, undefined, 2);
    const numbers = (from: number, count: number): number[] =>
      Array.from({ length: count }, (_, index) => from + index);
    const answers = numbers(0, 50).map((item) => gatherer.add(item));
    await turn();
    assert.deepEqual(itemsOf(batches), [numbers(0, 25), numbers(25, 25)]);
    answers.push(...numbers(50, 3).map((item) => gatherer.add(item)));
    await turn();
    assert.equal(batches.length, 2);
    batches[1]?.go();
    await answers[25];
    await turn();
    assert.deepEqual(itemsOf(batches.slice(2)), [numbers(50, 3)]);
    for (const { go } of batches) go();
    assert.deepEqual(
      await Promise.all(answers),
      numbers(0, 53).map((item) => `answer ${item}`),
    );
  });

  it("that are few are one batch, even where two may be under way", async () => {
    const { gatherer, batches } = held(undefined, undefined, 2);
    const answers = [1, 2, 3].map((item) => gatherer.add(item));
    await turn();
    assert.deepEqual(itemsOf(batches), [[1, 2, 3]]);
    batches[0]?.go();
    await Promise.all(answers);
  });

  it("of later turns are batches of their own", async () => {
    const { gatherer, batches } = held();
    for (const item of [1, 2]) {
      const answer = gatherer.add(item);
      await turn();
      batches.at(-1)?.go();
      await answer;
    }
    assert.deepEqual(itemsOf(batches), [[1], [2]]);
  });
});

describe("a batch that fails", () => {
  it("rejects each of its callers, and nobody else", async () => {
    const { gatherer, batches } = held();
    const failing = [gatherer.add(1), gatherer.add(2)];
    await turn();
    const next = gatherer.add(3);
    const reason = new Error("no disk");
    batches[0]?.fail(reason);
    for (const { status, reason: seen } of (await Promise.allSettled(failing)) as PromiseRejectedResult[]) {
      assert.equal(status, "rejected");
      assert.equal(seen, reason);
    }
    await turn();
    batches[1]?.go();
    assert.equal(await next, "answer 3");
  });

  it("for good takes none with it that would have been taken without it", async () => {
    const batches: number[] = [];
    const gatherer = new Gatherer<number, number>(async (items) => {
      batches.push(items.length);
      if (items.includes(3)) throw new StorageError("refused", "3 is not taken");
      return items.map((item) => item * 2);
    });
    const calls = [0, 1, 2, 3, 4, 5, 6].map((item) => gatherer.add(item));
    const outcomes = await Promise.allSettled(calls);
    const taken = outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : "refused"));
    assert.deepEqual(taken, [0, 2, 4, "refused", 8, 10, 12]);
    assert.deepEqual(batches, [7, 4, 2, 2, 1, 1, 3]);
  });

  it("at once rejects them too", async () => {
    const gatherer = new Gatherer<number, string>(() => {
      throw new Error("at once");
    });
    await assert.rejects(gatherer.add(1), { message: "at once" });
    await assert.rejects(gatherer.add(2), { message: "at once" });
  });
});

describe("a flush", () => {
  it("waits for all that was added before it, and for nothing that is added after", async () => {
    const { gatherer, batches } = held(2);
    const first = gatherer.add(1);
    await turn();
    const second = gatherer.add(2);
    let isFlushed = false;
    const flushed = gatherer.flush().then(() => (isFlushed = true));
    batches[0]?.go();
    await first;
    await turn();
    assert.equal(isFlushed, false);
    const third = gatherer.add(3);
    batches[1]?.go();
    await second;
    await flushed;
    await turn();
    batches[2]?.go();
    assert.equal(await third, "answer 3");
  });

  it("of nothing ends at once", async () => {
    await held(2).gatherer.flush();
  });
});

describe("calls that come faster than they can be answered", () => {
  it("are refused beyond the limit, each by itself, and taken again once there is room", async () => {
    const { gatherer, batches } = held(2, 3);
    const first = gatherer.add(1);
    await turn();
    const waiting = [2, 3, 4].map((item) => gatherer.add(item));
    await assert.rejects(gatherer.add(5), {
      name: "StorageError",
      code: "too_many_pending",
      retryable: true,
      outcome: "not-applied",
    });
    batches[0]?.go();
    assert.equal(await first, "answer 1");
    await turn();
    batches[1]?.go();
    await waiting[1];
    const next = gatherer.add(6);
    await turn();
    batches[2]?.go();
    assert.deepEqual(await Promise.all([...waiting, next]), ["answer 2", "answer 3", "answer 4", "answer 6"]);
  });
});
