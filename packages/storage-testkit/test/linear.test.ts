import assert from "node:assert/strict";
import { describe, it } from "vitest";
import type { Asked, Call } from "../src/linear/call.ts";
import { explain } from "../src/linear/check.ts";

/** A call of some client, from one instant to another; without an answer, to the end of time. */
function call(asked: Asked, answered: string | null, begin: number, end = Infinity): Call {
  return { client: "c", task: "t", asked, answered, begin, end };
}

const claim = (answered: string | null, begin: number, end?: number): Call =>
  call({ kind: "claim" }, answered, begin, end);
const complete = (token: string, answered: string, begin: number, end: number): Call =>
  call({ kind: "complete", token }, answered, begin, end);
const read = (answered: string, begin: number, end: number): Call =>
  call({ kind: "read" }, answered, begin, end);

const STRICT = { strictClaims: true };

describe("a history can be explained", () => {
  it.each<[what: string, history: readonly Call[]]>([
    ["one call after another", [claim("1", 0, 1), complete("1", "settled", 2, 3), read("SUCCESS 1 1", 4, 5)]],
    ["calls at once, in whatever order fits", [claim("nothing", 0, 10), claim("1", 0, 10)]],
    [
      "a read at once with a write, before it or after",
      [claim("1", 0, 10), read("PENDING 1 0", 5, 6), read("RUNNING 1 1", 7, 8)],
    ],
    ["a call without an answer that had its effect", [claim(null, 0), read("RUNNING 1 1", 5, 6)]],
    ["a call without an answer that had none", [claim(null, 0), claim("1", 5, 6)]],
    ["an effect long after", [claim(null, 0), read("PENDING 1 0", 5, 6), read("RUNNING 1 1", 7, 8)]],
    ["a repetition", [claim("1", 0, 1), complete("1", "settled", 2, 3), complete("1", "repeated", 4, 5)]],
  ])("%s", (_what, history) => assert.equal(explain(history, STRICT), null));
});

describe("a history cannot be explained", () => {
  it.each<[what: string, history: readonly Call[]]>([
    ["two claims of one task", [claim("1", 0, 10), claim("2", 0, 10)]],
    ["a stale read", [claim("1", 0, 1), read("PENDING 1 0", 2, 3)]],
    ["a claim that found nothing where something was", [claim("nothing", 0, 1), read("PENDING 1 0", 2, 3)]],
    [
      "two settlements of one lease",
      [claim("1", 0, 1), complete("1", "settled", 2, 9), complete("1", "settled", 2, 9)],
    ],
    ["an effect that goes away", [claim(null, 0), read("RUNNING 1 1", 5, 6), read("PENDING 1 0", 7, 8)]],
    ["a lost cancel", [call({ kind: "cancel" }, "done", 0, 1), claim("1", 2, 3)]],
  ])("%s", (_what, history) => assert.notEqual(explain(history, STRICT), null));

  it("and is told by the longest beginning that can", () => {
    const history = [claim("1", 0, 1), read("RUNNING 1 1", 2, 3), read("PENDING 1 0", 4, 5)];
    assert.deepEqual(explain(history, STRICT), history.slice(0, 2));
  });

  it("but a claim that passes by what another call holds is no contradiction where order is not strict", () => {
    const history = [claim("nothing", 0, 1), read("PENDING 1 0", 2, 3)];
    assert.equal(explain(history, { strictClaims: false }), null);
  });
});
