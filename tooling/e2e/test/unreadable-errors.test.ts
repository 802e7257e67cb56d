import { defineTask } from "@omniq/core";
import { describe, expect, it } from "vitest";
import { LOCAL_STORES, Rig } from "../src/rig.ts";

describe.each(LOCAL_STORES)(
  "a handler on %s that throws, or answers, what throws when it is looked at",
  (store) => {
    it("ends its run as failed", async () => {
      const hostile = (key: string): Error => {
        const error = new Error("as it was thrown");
        const get = (): never => {
          throw error;
        };
        return Object.defineProperty(error, key, { get });
      };
      const keys = ["message", "stack", "name", "code", "constructor"];
      const maxRetries = 0;
      const tasks = keys.flatMap((key) => [
        defineTask({
          name: `throws ${key}`,
          maxRetries,
          run: () => {
            throw hostile(key);
          },
        }),
        defineTask({
          name: `answers ${key}`,
          maxRetries,
          run: () => ({
            get value(): never {
              throw hostile(key);
            },
          }),
        }),
      ]);
      const rig = await Rig.open(store, { tasks });
      const ids = await rig.queue.enqueueMany(tasks.map((task) => ({ task })));
      await rig.startWorker({ concurrency: 2 });
      await rig.drained();
      for (const [index, id] of ids.entries()) {
        const message = index < 2 ? "What was thrown cannot be read" : "as it was thrown";
        expect(await rig.queue.getTask(id)).toMatchObject({ status: "FAILED", error: { message } });
      }
    });
  },
);
