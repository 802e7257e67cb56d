import { join } from "node:path";
import { application, runProgram } from "@omniq/test-support/programs";
import { describe, expect, it } from "vitest";
import { type Line, linesOf } from "./support/records.ts";

const TASKS = `
  import { OmniQ, defineTask } from "@omniq/core";
  import { configure, flush, getLogger, logTaskEnqueued, taskContext } from "@omniq/logging";
  const second = defineTask({ name: "second", run: () => getLogger("app").info("in second") });
  const first = defineTask({
    name: "first",
    maxRetries: 0,
    run: async (fails: boolean) => {
      await new Promise((resolve) => setImmediate(resolve));
      getLogger("app").info("in first");
      await omniq.enqueue(second, null);
      if (fails) throw new Error("in the end");
    },
  });
  const omniq = await OmniQ.open("sqlite:./jobs.db", { tasks: [first, second], logger: getLogger("omniq.core") });
`;

const ENQUEUE = `${TASKS}
  configure({ mode: "PROD", file: "enqueue.log" });
  const own = await omniq.enqueue(first, true);
  logTaskEnqueued(own, "first");
  await taskContext("order-7", "take an order", async () => {
    await omniq.enqueue(first, false, { id: "caused" });
    logTaskEnqueued("caused", "first");
  });
  console.log(own);
  await omniq.close();
`;

const WORK = `${TASKS}
  configure({ mode: "PROD", file: "work.log", level: "DEBUG" });
  const worker = omniq.worker();
  while ((await worker.processTasks()) > 0);
  await flush();
  await omniq.close();
`;

describe("S4.32 a correlation id", () => {
  it("is the task's own, or of what caused it, through processes, workers, handlers and tasks that they enqueue", async () => {
    const folder = application();
    const enqueued = await runProgram(ENQUEUE, {}, folder);
    expect(enqueued.stderr).toBe("");
    const own = enqueued.stdout.trim();
    expect((await runProgram(WORK, {}, folder)).stderr).toBe("");
    const lines = [...linesOf(join(folder, "enqueue.log")), ...linesOf(join(folder, "work.log"))];
    const about = (message: string): Line[] => lines.filter((line) => line["message"] === message);
    const correlations = (message: string): string[] =>
      about(message).map((line) => String(line["correlation_id"]));

    // The enqueuer's records, the handlers', and those of the tasks that the handlers enqueued.
    expect(correlations(`Task enqueued: ${own} -> first`)).toEqual([own]);
    expect(correlations("Task enqueued: caused -> first")).toEqual(["order-7"]);
    expect(correlations("in first").toSorted()).toEqual([own, "order-7"].toSorted());
    expect(correlations("in second").toSorted()).toEqual([own, "order-7"].toSorted());
    // The worker's.
    expect(about("Task failed: in the end")).toMatchObject([
      { task_id: own, correlation_id: own, logger: "omniq.core" },
    ]);
    for (const line of [...about("in first"), ...about("Task failed: in the end")]) {
      expect(line).toMatchObject({ operation: "first" });
      expect(line["worker"]).toBeTypeOf("string");
    }
  });
});
