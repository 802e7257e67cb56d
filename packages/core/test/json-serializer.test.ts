import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import { JsonSerializer, SerializationError } from "@omniq/core";
import { jsonValue } from "fast-check";
import { describe, it } from "vitest";
import { checked } from "./support/property.ts";

const json = new JsonSerializer();

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

const circular: { list: unknown[] } = { list: [] };
circular.list.push({ parent: circular });

class Point {
  readonly x = 1;
}

/** A class as a minifier may leave it. */
const Nameless = (() =>
  class {
    readonly x = 1;
  })();

/** An object whose classes have no constructor to be named by. */
function nameless(): object {
  return Object.create(Object.create(Object.create(null) as object) as object) as object;
}

describe("JSON that comes back as it was", () => {
  const shared = { a: 1 };

  it.each<[what: string, value: unknown]>([
    ["null", null],
    ["true", true],
    ["a text", "hello"],
    ["an empty text", ""],
    ["characters beyond the first plane", "\u{1F600}"],
    ["NUL", "\u0000"],
    ["a lone surrogate", "\ud800"],
    ["0", 0],
    ["the largest number", Number.MAX_VALUE],
    ["the smallest number", Number.MIN_VALUE],
    ["more than a safe integer", 2 ** 53 + 2],
    ["an empty array", []],
    ["an empty object", {}],
    ["keys like numbers", { 10: "a", 9: "b" }],
    ["the same value twice", [shared, shared, { again: shared }]],
    ["an array of a subclass", [1, 2]],
    ["a depth of 1,000", nested(1000)],
  ])("%s", (_what, value) => {
    assert.deepEqual(json.decode(json.encode(value, "payload")), value);
  });

  it("keeps the order of keys", () => {
    assert.equal(json.encode({ b: 1, a: 2 }, "payload"), '{"b":1,"a":2}');
  });

  it("is plain, from whichever realm and without a prototype too", () => {
    const foreign: unknown = runInNewContext("({ a: [1, { b: 2 }] })");
    assert.equal(json.encode(foreign, "payload"), '{"a":[1,{"b":2}]}');
    const bare = Object.assign(Object.create(null) as object, { a: 1 });
    assert.equal(json.encode(bare, "payload"), '{"a":1}');
  });

  it("takes the names of an object's own machinery as data", () => {
    const text = '{"__proto__":{"admin":true},"constructor":1,"prototype":2,"toString":3}';
    const value = json.decode(text) as Readonly<Record<string, unknown>>;
    assert.deepEqual(Object.keys(value), ["__proto__", "constructor", "prototype", "toString"]);
    assert.equal(json.encode(value, "payload"), text);
    assert.equal(({} as Readonly<Record<string, unknown>>)["admin"], undefined);
  });

  it("leaves out a property that is undefined, and takes undefined itself for null", () => {
    assert.equal(json.encode({ a: undefined, b: 1 }, "payload"), '{"b":1}');
    assert.equal(json.encode(undefined, "payload"), "null");
  });

  it("is any JSON value", () => {
    checked(jsonValue(), (value) => {
      const text = json.encode(value, "payload");
      assert.equal(text, JSON.stringify(value));
      assert.deepEqual(json.decode(text), JSON.parse(JSON.stringify(value)));
    });
  });
});

describe("what JSON would change", () => {
  it.each<[what: string, value: unknown, path: string, why: RegExp]>([
    ["NaN", Number.NaN, "payload", /^payload is NaN, which JSON would turn into null/],
    ["Infinity", { a: [1, Number.POSITIVE_INFINITY] }, "payload.a[1]", /is Infinity/],
    ["a BigInt", { n: 5n }, "payload.n", /is a BigInt/],
    ["undefined in an array", [1, undefined], "payload[1]", /is undefined/],
    // oxlint-disable-next-line no-sparse-arrays
    ["a hole in an array", [1, , 3], "payload[1]", /is undefined/],
    ["a function", { f: () => {} }, "payload.f", /is a function, which JSON would drop/],
    ["a symbol", { s: Symbol("s") }, "payload.s", /is a symbol/],
    ["a Date", { items: [{}, {}, { when: new Date(0) }] }, "payload.items[2].when", /is a Date/],
    ["a Map", { m: new Map() }, "payload.m", /is a Map, which JSON would empty/],
    ["a Set", [new Set()], "payload[0]", /is a Set, which JSON would empty/],
    ["an instance", { p: new Point() }, "payload.p", /is an instance of Point/],
    ["an instance without a name", new Nameless(), "payload", /is an instance of a class/],
    ["an instance without a constructor", nameless(), "payload", /is an instance of a class/],
    ["an error", new RangeError("x"), "payload", /is an instance of RangeError/],
    ["a buffer", Buffer.from("x"), "payload", /is an instance of Buffer/],
    ["a regular expression", /x/, "payload", /is an instance of RegExp/],
    ["a boxed text", new String("x"), "payload", /is an instance of String/],
    ["a promise", Promise.resolve(1), "payload", /is an instance of Promise/],
    ["a toJSON of its own", { toJSON: () => 1 }, "payload.toJSON", /is a function/],
    ["a cycle", circular, "payload.list[0].parent", /refers back to a value that contains it/],
    ["a depth of 1,001", { a: nested(1000) }, `payload.a${".a[0]".repeat(499)}.a`, /1000 levels deep/],
    ["a key that is no name", { "a b": { "": 5n } }, 'payload["a b"][""]', /is a BigInt/],
    ["a key with a quote", { 'a"b': 5n }, 'payload["a\\"b"]', /is a BigInt/],
  ])("is refused: %s", (_what, value, path, why) => {
    assert.throws(() => json.encode(value, "payload"), {
      name: SerializationError.name,
      code: "not_serializable",
      path,
      message: why,
    });
  });

  it("is named by what it is", () => {
    assert.throws(() => json.encode([5n], "result"), { path: "result[0]" });
  });
});

it("text that is not JSON is not read", () => {
  assert.throws(() => json.decode("{"), SyntaxError);
});
