import assert from "node:assert/strict";
import {
  type EnqueueItem,
  type TaskContext,
  type TaskDefinition,
  type TaskId,
  TaskQueue,
  type TaskOptions,
  type TaskResult,
  defineTask,
} from "@omniq/core";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { fakeStorage } from "./support/fake-storage.ts";

const queue = new TaskQueue({ storage: fakeStorage() });

/** Is type-checked and never runs. */
function typesOnly(_calls: () => unknown): void {}

describe("a task's definition", () => {
  it("is its name, its work and what its enqueues do not say themselves", () => {
    const run = (): string => "hello";
    assert.deepEqual(
      defineTask({ name: "greet", run, queue: "mail", maxRetries: 1, retry: { base: "2s" } }),
      {
        name: "greet",
        input: null,
        run,
        defaults: { queue: "mail", maxRetries: 1, retry: { base: "2s" } },
        backoff: null,
      },
    );
  });

  it("keeps a backoff function for the worker, since no store can hold one", () => {
    const backoff = (): string => "5s";
    const task = defineTask({ name: "greet", run: () => null, retry: backoff });
    assert.equal(task.backoff, backoff);
    assert.deepEqual(task.defaults, {});
  });

  it("cannot be changed", () => {
    const task = defineTask({ name: "greet", run: () => null });
    assert.throws(() => Object.assign(task, { name: "other" }), TypeError);
  });

  it.each<[code: string, options: object, field: string]>([
    ["unknown_option", { name: "x", run: () => {}, retries: 3 }, "retries"],
    ["unknown_option", { name: "x", run: () => {}, eta: new Date(0) }, "eta"],
    ["invalid_name", { name: "", run: () => {} }, "name"],
    ["invalid_name", { run: () => {} }, "name"],
    ["invalid_name", { name: "x".repeat(256), run: () => {} }, "name"],
    ["invalid_task", { name: "x" }, "run"],
    ["invalid_task", { name: "x", run: "later" }, "run"],
    ["invalid_task", { name: "x", run: () => {}, input: null }, "input"],
    ["invalid_task", { name: "x", run: () => {}, input: "text" }, "input"],
    ["invalid_task", { name: "x", run: () => {}, input: {} }, "input"],
    ["invalid_task", { name: "x", run: () => {}, input: { "~standard": {} } }, "input"],
  ])("is refused as %s: %o", (code, options, field) => {
    assert.throws(() => defineTask(options as TaskOptions<undefined, unknown>), { code, field });
  });

  it.each([
    ["zod", z.object({ to: z.string() })],
    ["valibot", v.object({ to: v.string() })],
    // Its schemas are functions.
    ["arktype", type({ to: "string" })],
  ])("takes a schema of %s", (_library, input) => {
    assert.equal(defineTask({ name: "greet", input, run: () => null }).input, input);
  });
});

describe("the types of a task without a schema", () => {
  const greet = defineTask({
    name: "greet",
    run: async (payload: { readonly to: string }, { signal }) =>
      `hello ${payload.to} ${String(signal.aborted)}`,
  });
  const tick = defineTask({ name: "tick", run: () => 1 });
  const maybe = defineTask({ name: "maybe", run: (payload: number | undefined) => payload ?? 0 });

  it("come from its handler", () => {
    expectTypeOf(greet).toEqualTypeOf<TaskDefinition<{ readonly to: string }, string>>();
    expectTypeOf(tick).toEqualTypeOf<TaskDefinition<undefined, number>>();
    expectTypeOf(greet.run).parameter(1).toEqualTypeOf<TaskContext>();
  });

  it("say what enqueue takes", () => {
    typesOnly(() => [
      queue.enqueue(greet, { to: "Ada" }),
      queue.enqueue(greet, { to: "Ada" }, { delay: "5s" }),
      // @ts-expect-error A payload that is wanted.
      queue.enqueue(greet),
      // @ts-expect-error A payload of another type.
      queue.enqueue(greet, { to: 5 }),
      // @ts-expect-error A field that the payload does not have: perhaps an optional one, misspelt.
      queue.enqueue(greet, { to: "Ada", form: "Grace" }),
      // @ts-expect-error An option that does not exist.
      queue.enqueue(greet, { to: "Ada" }, { dealy: "5s" }),

      queue.enqueue(tick),
      queue.enqueue(tick, undefined, { priority: 5 }),
      // @ts-expect-error A payload where none is wanted.
      queue.enqueue(tick, { to: "Ada" }),

      queue.enqueue(maybe),
      queue.enqueue(maybe, 5),
      // @ts-expect-error A payload of another type.
      queue.enqueue(maybe, "5"),

      queue.schedule(greet, { to: "Ada" }, { id: "daily", interval: "1 day" }),
      // @ts-expect-error A field that the payload does not have.
      queue.schedule(greet, { to: "Ada", form: "Grace" }, { id: "daily", interval: "1 day" }),

      // By name there is nothing to check against.
      queue.enqueue("greet", { anything: true }),
    ]);
  });

  it("say what enqueueMany takes, and the ids which result they stand for", () => {
    typesOnly(async () => {
      const mixed = [
        { task: greet, payload: { to: "Ada" }, options: { delay: "5s" } },
        { task: tick },
        { task: maybe, payload: 5 },
        { task: "greet", payload: { anything: true } },
      ] as const;
      const ids = await queue.enqueueMany(mixed);
      expectTypeOf(ids).toEqualTypeOf<readonly [TaskId<string>, TaskId<number>, TaskId<number>, TaskId]>();
      for (const id of ids) expectTypeOf(await queue.getResult(id)).toEqualTypeOf<TaskResult | null>();
      const [first] = await queue.enqueueMany([{ task: tick }, { task: greet, payload: { to: "Ada" } }]);
      expectTypeOf(first).toEqualTypeOf<TaskId<number>>();
      const greetings = ["Ada", "Grace"].map((to) => ({ task: greet, payload: { to } }));
      expectTypeOf(await queue.enqueueMany(greetings)).toEqualTypeOf<readonly TaskId<string>[]>();
      const items: EnqueueItem[] = [{ task: greet, payload: { to: "Ada" } }];
      expectTypeOf(await queue.enqueueMany(items)).toEqualTypeOf<readonly TaskId[]>();
      return [
        // @ts-expect-error A payload that is wanted.
        queue.enqueueMany([{ task: greet }]),
        // @ts-expect-error A payload of another type.
        queue.enqueueMany([{ task: greet, payload: { to: 5 } }]),
        // @ts-expect-error A payload of another type, in one of many.
        queue.enqueueMany([5].map((to) => ({ task: greet, payload: { to } }))),
        // @ts-expect-error A payload where none is wanted.
        queue.enqueueMany([{ task: tick, payload: 5 }]),
        // @ts-expect-error An option that does not exist.
        queue.enqueueMany([{ task: tick, options: { dealy: "5s" } }]),
      ];
    });
  });

  it("flow through the id to the result", () => {
    typesOnly(async () => {
      const id = await queue.enqueue(greet, { to: "Ada" });
      expectTypeOf(id).toEqualTypeOf<TaskId<string>>();
      expectTypeOf(id).toExtend<string>();
      expectTypeOf(await queue.getResult(id)).toEqualTypeOf<TaskResult<string> | null>();
      const waited = await queue.getResult(id, { wait: true });
      expectTypeOf(waited).toEqualTypeOf<TaskResult<string>>();
      expectTypeOf(waited.value).toEqualTypeOf<string | null>();
      expectTypeOf(
        await queue.getResult(await queue.enqueue(tick)),
      ).toEqualTypeOf<TaskResult<number> | null>();
      expectTypeOf(await queue.getResult("an id from elsewhere")).toEqualTypeOf<TaskResult | null>();
    });
  });
});

describe("the types of a task with a schema", () => {
  const byZod = defineTask({
    name: "zod",
    input: z.object({ at: z.string().transform(Number), tries: z.number().default(3) }),
    run(payload) {
      expectTypeOf(payload).toEqualTypeOf<{ at: number; tries: number }>();
      return payload.at;
    },
  });
  const byValibot = defineTask({
    name: "valibot",
    input: v.object({ at: v.pipe(v.string(), v.transform(Number)), tries: v.optional(v.number(), 3) }),
    run(payload) {
      expectTypeOf(payload).toEqualTypeOf<{ at: number; tries: number }>();
      return payload.at;
    },
  });
  const byArktype = defineTask({
    name: "arktype",
    input: type({ at: "string.numeric.parse", tries: "number = 3" }),
    run(payload) {
      expectTypeOf(payload).toEqualTypeOf<{ at: number; tries: number }>();
      return payload.at;
    },
  });

  it("are its input at enqueue, and its output in the handler", () => {
    typesOnly(async () => {
      for (const task of [byZod, byValibot, byArktype]) {
        expectTypeOf(await queue.enqueue(task, { at: "5" })).toEqualTypeOf<TaskId<number>>();
      }
      return [
        queue.enqueue(byZod, { at: "5", tries: 1 }),
        // @ts-expect-error The output's type is not the input's.
        queue.enqueue(byZod, { at: 5 }),
        // @ts-expect-error The output's type is not the input's.
        queue.enqueue(byValibot, { at: 5 }),
        // @ts-expect-error The output's type is not the input's.
        queue.enqueue(byArktype, { at: 5 }),
        // @ts-expect-error A payload that is wanted.
        queue.enqueue(byZod),
      ];
    });
  });

  it("may be none at all", () => {
    const task = defineTask({ name: "none", input: z.undefined(), run: () => null });
    typesOnly(() => queue.enqueue(task));
  });
});
