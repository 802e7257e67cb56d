import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { configure, flush, getLogger } from "@omniq/logging";
import { application, runProgram } from "@omniq/test-support/programs";
import { describe, expect, it, vi } from "vitest";
import { linesOf, logToFile, setAside } from "./support/records.ts";

/** A record whose line is exactly so long, its line break included. */
function logBytes(bytes: number): void {
  const empty = Buffer.byteLength(
    `${JSON.stringify({ timestamp: new Date(0).toISOString(), level: "INFO", logger: "omniq", message: "" })}\n`,
  );
  getLogger().info("x".repeat(bytes - empty));
}

describe("rotation", () => {
  it("S4.13 S4.25 sets the file aside as soon as it has 1,000 bytes at 1 KB", async () => {
    const log = logToFile({ rotation: "1 KB" });
    for (let i = 0; i < 10; i++) logBytes(200);
    logBytes(999);
    logBytes(100);
    await flush();
    expect(setAside(log.file).map((path) => statSync(path).size)).toEqual([1000, 1000, 1099]);
    expect(await log.lines()).toHaveLength(12);
  });

  it("S4.13 takes up the file that there is", async () => {
    const log = logToFile({ rotation: "1 KB" });
    logBytes(600);
    await flush();
    configure({ mode: "PROD", file: log.file, rotation: "1 KB" });
    logBytes(600);
    await flush();
    expect(setAside(log.file).map((path) => statSync(path).size)).toEqual([1200]);
  });

  it("keeps no file open that was closed while it was being opened", async () => {
    const log = logToFile();
    const openFiles = (): number =>
      readdirSync("/proc/self/fd").filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(dirname(log.file));
        } catch {
          return false;
        }
      }).length;
    for (let time = 0; time < 20; time++) {
      getLogger().info("one more");
      const flushed = flush();
      configure({ mode: "PROD", file: log.file });
      await flushed;
    }
    getLogger().info("the last");
    await flush();
    expect(await log.lines()).toHaveLength(21);
    await vi.waitFor(() => expect(openFiles()).toBe(1));
  });

  it("S4.13 by time sets aside a file that is from another day", async () => {
    const log = logToFile({ rotation: "1 day" });
    writeFileSync(log.file, "yesterday\n");
    const yesterday = new Date(Date.now() - 86_400_000);
    utimesSync(log.file, yesterday, yesterday);
    getLogger().info("today");
    await flush();
    expect(setAside(log.file).map((path) => readFileSync(path, "utf8"))).toEqual(["yesterday\n"]);
    expect(readFileSync(log.file, "utf8")).toContain("today");
  });

  it("S4.15 S4.25 compresses what was set aside", async () => {
    const log = logToFile({ level: "DEBUG", rotation: "1 KB", retention: "7 days", compression: "gz" });
    for (let i = 0; i < 25; i++) logBytes(200);
    await flush();
    const files = setAside(log.file);
    expect(files).toHaveLength(5);
    expect(files.every((path) => path.endsWith(".log.gz"))).toBe(true);
    expect(await log.lines()).toHaveLength(25);
  });

  it("S4.25 compresses what a process before it had no time for", async () => {
    const log = logToFile({ compression: "gz" });
    const left = join(dirname(log.file), "omniq.2026-01-31T10-30-45-123Z-7.log");
    writeFileSync(left, '{"message":"left"}\n');
    writeFileSync(`${left}.gz.part`, "half");
    getLogger().info("now");
    expect((await log.lines()).map(({ message }) => message)).toEqual(["left", "now"]);
    expect([existsSync(left), existsSync(`${left}.gz`), existsSync(`${left}.gz.part`)]).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe("retention", () => {
  it("S4.14 S4.25 removes what was set aside longer ago, and nothing else", async () => {
    const log = logToFile({ rotation: "1 KB", retention: "7 days" });
    const folder = dirname(log.file);
    const names = {
      old: "omniq.2026-01-01T00-00-00-000Z-1.log",
      oldCompressed: "omniq.2026-01-01T00-00-00-000Z-2.log.gz",
      young: "omniq.2026-01-01T00-00-00-000Z-3.log",
      ofOthers: "omniq.notes.log",
      alike: "other.2026-01-01T00-00-00-000Z-1.log",
    };
    const day = 86_400_000;
    for (const [key, name] of Object.entries(names)) {
      writeFileSync(join(folder, name), "");
      const age = new Date(Date.now() - (key === "young" ? 6 : 8) * day);
      utimesSync(join(folder, name), age, age);
    }
    for (let i = 0; i < 6; i++) logBytes(200);
    await flush();
    const left = Object.entries(names).filter(([, name]) => existsSync(join(folder, name)));
    expect(left.map(([key]) => key)).toEqual(["young", "ofOthers", "alike"]);
    expect(setAside(log.file).map((path) => basename(path))).toHaveLength(2);
  });
});

const FLOOD = `
  import { configure, getLogger } from "@omniq/logging";
  configure({ mode: "PROD", rotation: "20 KB", compression: process.env.GZ ? "gz" : null });
  const log = getLogger();
  for (let i = 0; i < 1000; i++) {
    log.info("line %d", i);
    if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
`;

describe("nothing is lost", () => {
  const numbers = (file: string): number[] =>
    linesOf(file)
      .map(({ message }) => Number(String(message).slice("line ".length)))
      .toSorted((a, b) => a - b);
  const all = Array.from({ length: 1000 }, (_, index) => index);

  it.each([
    ["ends", ""],
    ["calls process.exit", "process.exit(0);"],
    ["crashes", 'throw new Error("crash");'],
    ["leaves a rejection unhandled", 'void Promise.reject(new Error("crash")); setInterval(() => {}, 1000);'],
  ])("where the process %s", async (_how, last) => {
    const folder = application();
    const { stderr } = await runProgram(FLOOD + last, {}, folder);
    expect(stderr.includes("Error: crash")).toBe(last.includes("crash"));
    expect(numbers(join(folder, "logs", "omniq.log"))).toEqual(all);
  });

  it("S4.29 of four processes at once, each with a file of its own, across rotations", async () => {
    const folders = [1, 2, 3, 4].map(() => application());
    await Promise.all(folders.map((folder) => runProgram(FLOOD, { GZ: "1" }, folder)));
    for (const folder of folders) {
      const file = join(folder, "logs", "omniq.log");
      expect(setAside(file).length).toBeGreaterThan(2);
      expect(numbers(file)).toEqual(all);
    }
  });
});

describe("S4.33 a log file that cannot be written", () => {
  const program = (file: string, after = ""): string => `
    import { OmniQ, defineTask } from "@omniq/core";
    import { configure, flush, getLogger } from "@omniq/logging";
    configure({ level: "DEBUG", mode: "PROD", file: ${JSON.stringify(file)} });
    const log = getLogger();
    const work = defineTask({ name: "work", run: (n: number) => { log.info("working"); return n; } });
    await using omniq = await OmniQ.open("memory:", { tasks: [work], logger: log });
    await using worker = omniq.worker({ concurrency: 4 });
    await worker.start();
    for (let i = 0; i < 20; i++) {
      const id = await omniq.enqueue(work, i);
      const result = await omniq.getResult(id, { wait: true });
      if (result.value !== i) throw new Error("a task failed");
      if (i % 5 === 0) await flush();
    }
    console.log("all done");
    ${after}
  `;

  it("for its folder is a file fails no task, and is told of once, by path and variable", async () => {
    const folder = application();
    writeFileSync(join(folder, "taken"), "");
    const file = join(folder, "taken", "omniq.log");
    // The last record meets the same refusal on the way out.
    const { code, stdout, stderr } = await runProgram(
      program(file, 'log.info("last"); process.exit(0);'),
      {},
      folder,
    );
    expect([code, stdout]).toEqual([0, "all done\n"]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(file);
    expect(stderr).toContain("OMNIQ_LOG_FILE");
  });

  it("for it is a folder fails no task, and is told of once", async () => {
    const folder = application();
    mkdirSync(join(folder, "omniq.log"));
    const { code, stdout, stderr } = await runProgram(program(join(folder, "omniq.log")), {}, folder);
    expect([code, stdout]).toEqual([0, "all done\n"]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("for it may not grow fails no task, and is told of once; what was written before stays", async () => {
    const folder = application();
    const file = join(folder, "omniq.log");
    const { code, stdout, stderr } = await runProgram(program(file), {}, folder, { maxFileBytes: 2048 });
    expect([code, stdout]).toEqual([0, "all done\n"]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain("EFBIG");
    expect(readFileSync(file, "utf8")).toContain('"message":"working"');
  });
});
