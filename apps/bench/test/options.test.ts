import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readOptions } from "../src/options.ts";

describe("options", () => {
  test("choose parts", () => {
    expect(readOptions(["--store", "sqlite,redis", "--workload", "W3", "--rounds", "5"])).toMatchObject({
      stores: ["sqlite", "redis"],
      workloads: ["W3"],
      rounds: 5,
      isFull: false,
    });
  });

  test("ask for help", () => {
    expect(readOptions(["--help"])).toBeNull();
  });

  test.each([
    [["--stores", "sqlite"], "Unknown option '--stores'."],
    [["--store", "mysql"], "--store mysql is unknown. There are sqlite, postgres, redis, file."],
    [["--workload", "W10"], "--workload W10 is unknown."],
    [["--rounds", "0"], "--rounds 0 is not a whole number from 1 to 100."],
    [["--rounds", "many"], "--rounds many is not a whole number from 1 to 100."],
    [["sqlite"], "Unexpected argument 'sqlite'."],
  ])("%j is refused in one line", (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });

  test("that are wrong end the command with 2 and one line", () => {
    const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--no-warnings", "--conditions=@omniq/source", main, "--workload", "W3,nothing"],
      { encoding: "utf8" },
    );
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^--workload nothing is unknown\.[^\n]*\n$/);
  });
});
