/** Values that stores are known to change, with what they are. */
export const CORPUS: readonly (readonly [string, unknown])[] = [
  ["null", null],
  ["an empty text", ""],
  ["an empty array", []],
  ["an empty object", {}],
  ["empty within", { list: [], map: {}, lists: [[], {}, [[]]] }],
  ["depth 100", nested(100)],
  ["characters beyond the basic plane", "🜁𝒳👩‍👩‍👧‍👦"],
  ["NUL", "a\u0000b"],
  ["a lone surrogate", "a\ud800b"],
  ["control characters and separators", "\u0001\u001f\u007f\u2028\u2029\ufeff\r\n\t"],
  ["whole numbers at the edge", [2 ** 53 - 1, 2 ** 53, -(2 ** 53) + 1, 2 ** 53 + 2]],
  ["large and small numbers", [1e308, -1e308, 5e-324, 0.1, 1e21, 123456789.12345679]],
  ["keys that look like numbers, and their order", { 2: "b", 10: "c", 1: "a", z: 1, y: 2, "-1": 3, "01": 4 }],
  ["whole numbers of 18 digits as texts", ["123456789012345678", "999999999999999999"]],
  [
    "texts that look like other things",
    ["null", "true", "NaN", "[]", "2026-01-01T00:00:00.000Z", "1e5", " "],
  ],
  ["booleans and nulls", [true, false, null, { a: null }]],
  ["a mebibyte of text", "é".repeat(512 * 1024)],
];

/** Objects, as JSON text, whose own keys are names that matter to the engine. */
export const HOSTILE_OBJECTS: readonly string[] = [
  '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"prototype":1}',
  '{"a":{"__proto__":1,"b":[{"__proto__":[]}]},"hasOwnProperty":1,"toString":2}',
  '[{"__proto__":null},{"constructor":null}]',
];

/** Texts that are ids or names to OmniQ and something else to a file system, a database or a shell. */
export const HOSTILE_NAMES: readonly string[] = [
  "../x",
  "../../x",
  "/etc/x",
  "a/b",
  "a\\b",
  "a:b",
  ".",
  "..",
  "CON",
  "con",
  "nul.txt",
  "x".repeat(255),
  "x".repeat(254),
  "A",
  "a",
  "a ",
  " a",
  "\u00e9",
  "e\u0301",
  "*?[",
  "%_",
  "%",
  "_",
  "'",
  '"',
  "`",
  "'; DROP TABLE tasks; --",
  "a\nb",
  "a\r\nb",
  "\t",
  "{tag}",
  "${x}",
  "$(x)",
  "__proto__",
  "constructor",
  "0",
  "00",
  "1e3",
  "null",
  "🜁",
];

function nested(depth: number): unknown {
  let value: unknown = "bottom";
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { within: value };
  return value;
}
