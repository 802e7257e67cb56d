import assert from "node:assert/strict";
import { type AnyTaskDefinition, defineTask } from "@omniq/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type } from "arktype";
import * as v from "valibot";
import { describe, it } from "vitest";
import { z } from "zod";
import { checkPayload } from "../src/queue/check-payload.ts";

function taskWith(input: StandardSchemaV1): AnyTaskDefinition {
  return defineTask({ name: "order", input, run: () => null });
}

/** A schema by hand, which says what the test wants it to. */
function schema(validate: StandardSchemaV1.Props["validate"]): StandardSchemaV1 {
  return { "~standard": { version: 1, vendor: "test", validate } };
}

const schemas: readonly (readonly [library: string, input: StandardSchemaV1])[] = [
  ["zod", z.object({ at: z.string().transform(Number), items: z.array(z.object({ price: z.number() })) })],
  [
    "valibot",
    v.object({
      at: v.pipe(v.string(), v.transform(Number)),
      items: v.array(v.object({ price: v.number() })),
    }),
  ],
  ["arktype", type({ at: "string.numeric.parse", items: type({ price: "number" }).array() })],
];

describe("a payload", () => {
  it("of a task without a schema is taken as it is", async () => {
    const payload = { at: new Date(0) };
    const task = defineTask({ name: "order", run: () => null });
    assert.equal(await checkPayload(task, payload), payload);
  });

  it.each(schemas)("that fits its schema of %s comes out as the schema gives it", async (_library, input) => {
    const payload = { at: "5", items: [{ price: 1 }] };
    assert.deepEqual(await checkPayload(taskWith(input), payload), { at: 5, items: [{ price: 1 }] });
  });

  it.each(schemas)("that does not fit its schema of %s is refused by its path", async (_library, input) => {
    const payload = { at: "5", items: [{ price: 1 }, { price: 2 }, { price: "3" }] };
    await assert.rejects(
      async () => checkPayload(taskWith(input), payload),
      (error: Error) => {
        const { name, code, field, issues, message } = error as Error & Record<string, unknown>;
        assert.deepEqual(
          [name, code, field],
          ["ValidationError", "invalid_payload", "payload.items[2].price"],
        );
        const [issue] = issues as { readonly path: string; readonly message: string }[];
        assert.equal(issue?.path, "payload.items[2].price");
        assert.equal(
          message,
          `The payload of task order does not fit its schema: payload.items[2].price: ${issue.message}`,
        );
        return true;
      },
    );
  });

  it.each(schemas)("of another kind is refused by its schema of %s as a whole", async (_library, input) => {
    await assert.rejects(async () => checkPayload(taskWith(input), "a text"), {
      code: "invalid_payload",
      field: "payload",
    });
  });
});

describe("the problems that a schema finds", () => {
  it("are all told, and counted in the message", async () => {
    const issues = [
      { message: "too short", path: ["name"] },
      { message: "missing", path: [{ key: "items" }, { key: 0 }, "price"] },
      { message: "odd", path: [Symbol("s")] },
      { message: "wrong altogether" },
    ];
    await assert.rejects(async () => checkPayload(taskWith(schema(() => ({ issues }))), {}), {
      field: "payload.name",
      message: "The payload of task order does not fit its schema: payload.name: too short (and 3 more)",
      issues: [
        { path: "payload.name", message: "too short" },
        { path: "payload.items[0].price", message: "missing" },
        { path: "payload.Symbol(s)", message: "odd" },
        { path: "payload", message: "wrong altogether" },
      ],
    });
  });

  it("refuse the payload, though the schema names none", async () => {
    await assert.rejects(async () => checkPayload(taskWith(schema(() => ({ issues: [] }))), {}), {
      code: "invalid_payload",
      field: "payload",
    });
  });
});

describe("a schema that takes its time", () => {
  it("is waited for", async () => {
    const task = taskWith(schema(async (value) => ({ value: { seen: value } })));
    assert.deepEqual(await checkPayload(task, 5), { seen: 5 });
    const refusing = taskWith(schema(async () => ({ issues: [{ message: "no" }] })));
    await assert.rejects(async () => checkPayload(refusing, 5), { code: "invalid_payload" });
  });

  it("that fails itself fails the check", async () => {
    const broken = taskWith(schema(() => Promise.reject(new Error("no database"))));
    await assert.rejects(async () => checkPayload(broken, 5), { message: "no database" });
  });
});
