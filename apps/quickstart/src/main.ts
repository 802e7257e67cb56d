import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type OmniQ, OmniQError } from "@omniq/core";
import { enqueueAll } from "./enqueue-all.ts";
import { inputFiles } from "./files.ts";
import { openOmniQ, shownUrl } from "./open.ts";

const USAGE = `Usage: quickstart [--db PATH | --url URL]

Measures the files of this repository with two worker processes over one store.

  --db PATH   keep the tasks in this SQLite database, and go on with what a run before left (default: a new folder)
  --url URL   keep them there: sqlite:PATH, postgres://user@host:5432/database, redis://host:6379
`;

const WORKERS = 2;

async function main(): Promise<number> {
  const url = storeUrl();
  if (url === null) return 2;
  const files = await inputFiles(url.replace(/^[a-z]+:/, ""));
  const omniq = await openOmniQ(url);
  await enqueueAll(omniq, files);
  say(`${files.length} files and a few tasks of other kinds are enqueued in ${shownUrl(url)}`);
  const workers = new Workers(url);
  await watchProgress(omniq);
  await workers.stop();
  await omniq.close();
  const report = fork(script("report"), [url]);
  report.send(files);
  return exitOf(report);
}

/** The store to use; null where the arguments are wrong or ask for help. */
function storeUrl(): string | null {
  try {
    const { values } = parseArgs({
      options: { db: { type: "string" }, url: { type: "string" }, help: { type: "boolean" } },
    });
    if (values.db && values.url) throw new TypeError("Give either --db or --url, not both.");
    if (values.url) return values.url;
    if (!values.help) {
      // The folder in which the user typed the command; package managers change it.
      if (values.db) return `sqlite:${resolve(process.env["INIT_CWD"] ?? ".", values.db)}`;
      return `sqlite:${join(mkdtempSync(join(tmpdir(), "omniq-quickstart-")), "omniq.db")}`;
    }
    process.stdout.write(USAGE);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
  }
  return null;
}

/** Keeps two workers going: one that dies is replaced, and its tasks are taken over when their leases lapse. */
class Workers {
  readonly #url: string;
  readonly #children = new Set<ChildProcess>();
  #stopping = false;

  constructor(url: string) {
    this.#url = url;
    for (let count = 0; count < WORKERS; count++) this.#start();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(
      [...this.#children].map((child) => {
        if (child.connected) child.send("stop");
        return exitOf(child);
      }),
    );
  }

  #start(): void {
    const child = fork(script("worker"), [this.#url]);
    this.#children.add(child);
    say(`worker ${child.pid} started`);
    child.once("exit", (code, signal) => {
      this.#children.delete(child);
      if (this.#stopping) return;
      say(`worker ${child.pid} died (${signal ?? `exit code ${code}`}); its tasks are taken over within 5 s`);
      this.#start();
    });
  }
}

/** Says how far it is until nothing is left to do. */
async function watchProgress(omniq: OmniQ): Promise<void> {
  for (let before = ""; ; await pause(250)) {
    const counts = { PENDING: 0, RUNNING: 0, SUCCESS: 0, FAILED: 0, CANCELLED: 0 };
    for (const { status, count } of await omniq.countTasks()) counts[status] += count;
    const { PENDING, RUNNING, SUCCESS, FAILED } = counts;
    const now = `${SUCCESS} succeeded, ${FAILED} failed, ${RUNNING} running, ${PENDING} waiting`;
    if (now !== before) say(now);
    if (PENDING + RUNNING === 0) return;
    before = now;
  }
}

function exitOf(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode ?? 1);
  return new Promise((done) => child.once("exit", (code) => done(code ?? 1)));
}

/** A module beside this one: compiled beside a compiled one, a source beside a source. */
function script(name: string): string {
  return new URL(`./${name}${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url).pathname;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof OmniQError ? `${error.code}: ${error.message}` : String(error)}\n`,
  );
  return 1;
});
