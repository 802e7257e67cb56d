import * as logging from "@omniq/logging";
import { getLogger } from "@omniq/logging";
import { ManualClock } from "@omniq/core/testing";
import { describe, expect, it } from "vitest";
import { logToFile } from "./support/records.ts";

describe("in PROD", () => {
  it("S4.23 a record is one flat object: time, level, logger and message, then its facts", async () => {
    const clock = new ManualClock(Date.UTC(2025, 11, 1, 10, 30, 45, 123));
    const log = logToFile({ clock });
    getLogger("omniq.core")
      .bind({ worker: "worker-1", task_id: "abc-123", operation: "process_task" })
      .info("Task execution started");
    const [line] = await log.lines();
    const text = JSON.stringify(line);
    expect(text).toBe(
      '{"timestamp":"2025-12-01T10:30:45.123Z","level":"INFO","logger":"omniq.core","message":"Task execution started",' +
        '"task_id":"abc-123","operation":"process_task","worker":"worker-1","correlation_id":"abc-123"}',
    );
  });

  it("S4.17 a logger has five methods, and fills in placeholders", async () => {
    const log = logToFile({ level: "DEBUG" });
    const logger = getLogger();
    logger.debug("%s", "text");
    logger.info("%d of %i", 1.5, 2.5);
    logger.warn("100%", { left: 0 });
    logger.error("%s took %d ms", "it", 12, { worker: "w" });
    logger.critical("50%% of %j", { canary: 1 }, { b: 2 });
    logger.info("got", { canary: 1 }, ["canary"], { c: 3 });
    const lines = await log.lines();
    expect(lines.map(({ level, message }) => [level, message])).toEqual([
      ["DEBUG", "text"],
      ["INFO", "1.5 of 2"],
      ["WARNING", "100%"],
      ["ERROR", "it took 12 ms"],
      ["CRITICAL", '50% of "[Object]"'],
      ["INFO", "got [Object] [Array(1)]"],
    ]);
    expect(new Set(lines.map(({ logger: name }) => name))).toEqual(new Set(["omniq"]));
    expect([lines[2]?.["left"], lines[3]?.["worker"], lines[4]?.["b"]]).toEqual([0, "w", 2]);
  });

  it("every fact is a scalar, and an object shows no more than its kind", async () => {
    class Task {
      readonly payload = "canary";
    }
    const log = logToFile();
    getLogger().info("facts", {
      text: "t",
      number: 1.5,
      yes: true,
      none: null,
      missing: undefined,
      nan: Number.NaN,
      big: 12n,
      date: new Date(0),
      list: ["canary"],
      task: new Task(),
      plain: { canary: 1 },
      bare: Object.assign(Object.create(null) as object, { canary: 1 }),
      message: "not the message",
      ["__proto__"]: "key",
    });
    const [line] = await log.lines();
    const { timestamp: _time, ...rest } = line ?? {};
    expect(rest).toEqual({
      level: "INFO",
      logger: "omniq",
      message: "facts",
      text: "t",
      number: 1.5,
      yes: true,
      none: null,
      nan: "NaN",
      big: "12",
      date: "1970-01-01T00:00:00.000Z",
      list: "[Array(1)]",
      task: "[Task]",
      plain: "[Object]",
      bare: "[Object]",
      _message: "not the message",
      ___proto__: "key",
    });
    expect(JSON.stringify(line)).not.toContain("canary");
  });

  it("an Error is told by name, message, code and stack", async () => {
    const log = logToFile();
    const error = Object.assign(new TypeError("no such thing"), { code: "gone" });
    getLogger().error("It failed", error);
    getLogger().error("It failed", { reason: error });
    const [first, second] = await log.lines();
    expect(first).toMatchObject({ error: "TypeError: no such thing", error_code: "gone" });
    expect(first?.["error_stack"]).toContain("production.test.ts");
    expect(second).toMatchObject({ reason: "TypeError: no such thing", reason_code: "gone" });
  });

  it("an Error in place of the message is its text and that fact", async () => {
    const log = logToFile();
    const logger = getLogger();
    logger.error(new RangeError("too far") as never);
    expect(await log.lines()).toMatchObject([
      { message: "RangeError: too far", error: "RangeError: too far", level: "ERROR" },
    ]);
  });

  it("no call fails whoever logs, whatever it is given", async () => {
    const log = logToFile();
    const evil = {
      get secret(): never {
        throw new Error("not to be read");
      },
    };
    const given = [undefined, null, 1, Symbol("s"), () => {}, [], { payload: "canary" }, Object.create(null)];
    for (const message of given) getLogger().info(message as never);
    getLogger().info("%d", Object.create(null));
    getLogger().info("said", evil);
    getLogger().bind(evil).info("bound");
    const lines = await log.lines();
    expect(lines.slice(-3)).toMatchObject([
      { message: "NaN" },
      { message: "said", unreadable: "not to be read" },
      { message: "A log record could not be written as text: Error: not to be read" },
    ]);
    expect(lines).toHaveLength(given.length + 3);
    expect(JSON.stringify(lines)).not.toContain("canary");
  });

  it("a format of one's own takes the place of the mode's", async () => {
    const log = logToFile({ format: ({ level, message }) => `${JSON.stringify({ level, message })}\n` });
    getLogger().info("short", { more: 1 });
    expect(await log.lines()).toEqual([{ level: "INFO", message: "short" }]);
  });

  it("a format of one's own that throws fails nobody, and the record says so", async () => {
    const log = logToFile({
      format: ({ message }) => {
        throw new Error(`no words for ${message}`);
      },
    });
    getLogger("mine").info("this");
    expect(await log.lines()).toMatchObject([
      {
        level: "INFO",
        logger: "mine",
        message: "A log record could not be written as text: Error: no words for this",
      },
    ]);
  });

  it("a record becomes a line only when what its turn of the event loop set off is under way", async () => {
    const order: string[] = [];
    const log = logToFile({
      format: ({ message }) => {
        order.push(`line ${message}`);
        return `${JSON.stringify({ message })}\n`;
      },
    });
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    getLogger().info("1");
    setImmediate(() => order.push("what it set off"));
    await turn();
    await turn();
    expect(order).toEqual(["what it set off", "line 1"]);
    expect(await log.lines()).toEqual([{ message: "1" }]);
    expect(order).toHaveLength(2);
  });

  it("loggers that were made before follow a new configuration, and what was logged before stays", async () => {
    const before = logToFile();
    const logger = getLogger();
    logger.info("before");
    const after = logToFile();
    logger.info("after");
    expect((await after.lines()).map(({ message }) => message)).toEqual(["after"]);
    expect((await before.lines()).map(({ message }) => message)).toEqual(["before"]);
  });
});

describe("S4.21 what the package exports", () => {
  it("is four functions, eight helpers and flush; S4.28 and no configureLogging", () => {
    expect(Object.keys(logging).toSorted()).toEqual([
      "bindTask",
      "configure",
      "flush",
      "getLogger",
      "logSerializationError",
      "logStorageError",
      "logTaskCompleted",
      "logTaskEnqueued",
      "logTaskFailed",
      "logTaskStarted",
      "logWorkerStarted",
      "logWorkerStopped",
      "taskContext",
    ]);
  });
});
