import { type Logger, NonRetryableError, OmniQ, defineTask } from "@omniq/core";
import { getLogger } from "@omniq/logging";
import { describe, expect, it } from "vitest";
import { type Line, logToFile } from "./support/records.ts";

/** Runs a task that succeeds, one that is retried and one that fails for good, all with a secret in and out. */
async function runTasks(logger: Logger): Promise<void> {
  const keep = defineTask({ name: "keep", run: (secret: { word: string }) => ({ answer: secret.word }) });
  const retry = defineTask({
    name: "retry",
    maxRetries: 1,
    retry: { base: "1ms", jitter: 0 },
    run: (secret: string[], { attempt }) => {
      if (attempt === 1) throw new Error("not yet");
      return secret;
    },
  });
  const fail = defineTask({
    name: "fail",
    run: (_secret: string) => {
      throw new NonRetryableError("no paper", { errorType: "resource", context: { secret: CANARY } });
    },
  });
  await using omniq = await OmniQ.open("memory:", { tasks: [keep, retry, fail], logger });
  const ids = await omniq.enqueueMany([
    { task: keep, payload: { word: CANARY } },
    { task: retry, payload: [CANARY] },
    { task: fail, payload: CANARY, options: { headers: { secret: CANARY } } },
  ]);
  await using worker = omniq.worker({ concurrency: 3 });
  await worker.start();
  for (const id of ids) await omniq.getResult(id, { wait: true });
  logger.info("done", { task: await omniq.getTask(ids[0]) });
}

const CANARY = "canary-6d1f";

describe("a worker that logs here", () => {
  it("S4.99 S3.10 tells how tasks failed, with their type and whether they may be retried", async () => {
    const log = logToFile();
    await runTasks(getLogger("omniq.core"));
    const lines = await log.lines();
    const failed = lines.find(({ level }) => level === "ERROR");
    expect(failed).toMatchObject({
      logger: "omniq.core",
      operation: "fail",
      error_type: "resource",
      retry_count: 0,
      is_retryable: false,
    });
    expect(failed?.["correlation_id"]).toBe(failed?.["task_id"]);
    expect(failed?.["worker"]).toBeTypeOf("string");
    const retried = lines.find(({ level }) => level === "WARNING");
    expect(retried).toMatchObject({ operation: "retry", error_type: "runtime", is_retryable: true });
  });

  it("ERR-5 never tells a payload, a result, a header or an error's context, at any level", async () => {
    const log = logToFile({ level: "DEBUG" });
    const spied: unknown[] = [];
    const logger = getLogger("omniq.core");
    await runTasks(spyOn(logger, spied));
    const lines = await log.lines();
    expect(lines.length).toBeGreaterThan(4);
    expect(JSON.stringify(lines)).not.toContain(CANARY);
    // Nor was it so much as passed to a log call, but for the one of the test itself.
    expect(JSON.stringify(spied.slice(0, -1))).not.toContain(CANARY);
    expect(JSON.stringify(spied.at(-1))).toContain(CANARY);
    expect(lines.at(-1)).toMatchObject({ message: "done", task: "[Object]" } satisfies Line);
  });
});

/** Passes everything on, and keeps what was passed. */
function spyOn(logger: Logger, spied: unknown[]): Logger {
  const method =
    (level: "debug" | "info" | "warn" | "error"): Logger["info"] =>
    (message, fields) => {
      spied.push([message, fields]);
      logger[level](message, fields);
    };
  return { debug: method("debug"), info: method("info"), warn: method("warn"), error: method("error") };
}
