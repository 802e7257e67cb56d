import { existsSync } from "node:fs";
import { join } from "node:path";
import { ValidationError } from "@omniq/core";
import { configure, getLogger } from "@omniq/logging";
import { application, runProgram } from "@omniq/test-support/programs";
import { describe, expect, it, vi } from "vitest";
import { linesOf, logToFile, setAside } from "./support/records.ts";

const SAY_ALL = `
  import { getLogger } from "@omniq/logging";
  const log = getLogger();
  log.debug("1"); log.info("2"); log.warn("3"); log.error("4"); log.critical("5");
`;

function messagesIn(output: string): string {
  return [...output.matchAll(/ \| (\d)$/gm)].map(([, message]) => message).join("");
}

function refusal(work: () => void): ValidationError {
  try {
    work();
  } catch (error) {
    if (error instanceof ValidationError) return error;
    throw error;
  }
  throw new Error("It was taken");
}

describe("S4.10 OMNIQ_LOG_LEVEL", () => {
  it.each([
    ["", "2345"],
    ["DEBUG", "12345"],
    ["INFO", "2345"],
    ["WARNING", "345"],
    ["ERROR", "45"],
    ["CRITICAL", "5"],
  ])("%s records %s", async (level, expected) => {
    const { stderr } = await runProgram(SAY_ALL, level === "" ? {} : { OMNIQ_LOG_LEVEL: level });
    expect(messagesIn(stderr)).toBe(expected);
  });

  it("is refused by name where it is none of them", async () => {
    const { code, stderr } = await runProgram(SAY_ALL, { OMNIQ_LOG_LEVEL: "LOUD" });
    expect(code).toBe(1);
    expect(stderr).toContain(
      'OMNIQ_LOG_LEVEL "LOUD" is not usable: it must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL.',
    );
  });
});

describe("S4.11 OMNIQ_LOG_MODE", () => {
  it("is DEV by default: to the console, and no file", async () => {
    const folder = application();
    const { stderr } = await runProgram(SAY_ALL, {}, folder);
    expect(messagesIn(stderr)).toBe("2345");
    expect(existsSync(join(folder, "logs"))).toBe(false);
  });

  it("S4.12 S4.24 PROD writes logs/omniq.log and nothing to the console", async () => {
    const folder = application();
    const { stdout, stderr } = await runProgram(SAY_ALL, { OMNIQ_LOG_MODE: "PROD" }, folder);
    expect(stdout + stderr).toBe("");
    expect(linesOf(join(folder, "logs", "omniq.log")).map(({ message }) => message)).toEqual([
      "2",
      "3",
      "4",
      "5",
    ]);
  });

  it("S4.12 OMNIQ_LOG_FILE names another file, whose folders are made", async () => {
    const folder = application();
    const file = join(folder, "deep", "down", "app.log");
    await runProgram(SAY_ALL, { OMNIQ_LOG_MODE: "PROD", OMNIQ_LOG_FILE: file }, folder);
    expect(linesOf(file)).toHaveLength(4);
  });

  it("S4.24 PROD prints to stdout as well on request", async () => {
    const program = `import { configure } from "@omniq/logging"; configure({ mode: "PROD", stdout: true }); ${SAY_ALL}`;
    const { stdout } = await runProgram(program);
    expect(stdout.trim().split("\n")).toHaveLength(4);
    expect(JSON.parse(stdout.split("\n")[0] ?? "")).toMatchObject({ message: "2" });
  });
});

describe("bad settings", () => {
  it.each([
    ["OMNIQ_LOG_MODE", "production", "invalid_mode"],
    ["OMNIQ_LOG_ROTATION", "100 MiB", "invalid_rotation"],
    ["OMNIQ_LOG_ROTATION", "0 KB", "invalid_rotation"],
    ["OMNIQ_LOG_ROTATION", "7 hours", "invalid_rotation"],
    ["OMNIQ_LOG_RETENTION", "some days", "invalid_duration"],
    ["OMNIQ_LOG_RETENTION", "1 month", "invalid_duration"],
  ])("%s=%s is a ValidationError that names the variable", (name, value, code) => {
    vi.stubEnv(name, value);
    const error = refusal(() => configure());
    expect([error.code, error.field]).toEqual([code, name]);
    expect(error.message).toContain(name);
  });

  it.each([
    [{ level: "LOUD" }, "invalid_level", "level"],
    [{ mode: "TEST" }, "invalid_mode", "mode"],
    [{ file: "" }, "invalid_file", "file"],
    [{ rotation: 5 }, "invalid_rotation", "rotation"],
    [{ retention: -1 }, "invalid_duration", "retention"],
    [{ compression: "zip" }, "invalid_compression", "compression"],
    [{ stdout: "yes" }, "invalid_stdout", "stdout"],
    [{ format: "json" }, "invalid_format", "format"],
    [{ levle: "INFO" }, "unknown_option", "levle"],
    [{ clock: "now" }, "invalid_clock", "clock"],
  ])("configure(%j) is a ValidationError that names the option", (options, code, field) => {
    const error = refusal(() => configure(options as never));
    expect([error.code, error.field]).toEqual([code, field]);
    expect(error.message).toContain(field);
  });

  it("leave logging as it was", async () => {
    const log = logToFile();
    refusal(() => configure({ level: "LOUD" as never }));
    getLogger().info("still here");
    expect(await log.lines()).toHaveLength(1);
  });
});

describe("S4.31 an option wins over its variable, which wins over the default", () => {
  it("key by key", async () => {
    vi.stubEnv("OMNIQ_LOG_LEVEL", "DEBUG");
    vi.stubEnv("OMNIQ_LOG_ROTATION", "1 KB");
    const log = logToFile({ level: "ERROR" });
    for (let i = 0; i < 20; i++) {
      getLogger().info("not said");
      getLogger().error("a line of more than fifty characters, so that twenty are a kilobyte");
    }
    const lines = await log.lines();
    expect(lines).toHaveLength(20);
    expect(lines.every(({ level }) => level === "ERROR")).toBe(true);
    expect(setAside(log.file).length).toBeGreaterThan(0);
  });
});
