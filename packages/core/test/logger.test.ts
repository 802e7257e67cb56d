import assert from "node:assert/strict";
import { type LogFields, type Logger, consoleLogger, silentLogger } from "@omniq/core";
import { describe, it, vi } from "vitest";
import { bindLogger } from "../src/ports/logger.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;

/** A logger that keeps its records. */
function kept(): { logger: Logger; records: unknown[] } {
  const records: unknown[] = [];
  const at =
    (level: string) =>
    (message: string, fields?: LogFields): void =>
      void records.push([level, message, fields]);
  return { logger: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }, records };
}

describe("what is bound to a logger that knows its context", () => {
  it("is in force in it too, and the correlation stays that of the logger", () => {
    const seen: unknown[] = [];
    const bound = bindLogger(
      {
        ...silentLogger,
        within: (fields, work) => {
          seen.push(fields);
          return work();
        },
        correlationId: () => "c-1",
      },
      { worker: "w" },
    );
    assert.equal(
      bound.within?.({ task_id: "t" }, () => undefined),
      undefined,
    );
    assert.deepEqual(seen, [{ worker: "w", task_id: "t" }]);
    assert.equal(bound.correlationId?.(), "c-1");
    assert.ok(!("within" in bindLogger(silentLogger, { worker: "w" })));
  });
});

describe("a logger that is bound to facts", () => {
  it("adds them to every record, behind the record's own", () => {
    const { logger, records } = kept();
    const bound = bindLogger(logger, { task_id: "t", attempt: 1 });
    for (const level of LEVELS) {
      bound[level]("plain");
      bound[level]("with fields", { attempt: 2 });
    }
    assert.deepEqual(
      records,
      LEVELS.flatMap((level) => [
        [level, "plain", { task_id: "t", attempt: 1 }],
        [level, "with fields", { task_id: "t", attempt: 2 }],
      ]),
    );
  });

  it("is the logger's own child, where it can make one", () => {
    const child = kept().logger;
    const bound: unknown[] = [];
    const parent = {
      ...kept().logger,
      child: (fields: LogFields) => {
        bound.push(fields);
        return child;
      },
    };
    assert.equal(bindLogger(parent, { task_id: "t" }), child);
    assert.deepEqual(bound, [{ task_id: "t" }]);
  });
});

describe("a logger of OmniQ's own", () => {
  it("lets warnings and errors through to the console, and no more", () => {
    const written: unknown[] = [];
    for (const method of LEVELS) {
      vi.spyOn(console, method).mockImplementation(
        (...args: unknown[]) => void written.push([method, ...args]),
      );
    }
    for (const level of LEVELS) {
      consoleLogger[level]("plain");
      consoleLogger[level]("with fields", { a: 1 });
      silentLogger[level]("nothing");
    }
    assert.deepEqual(written, [
      ["warn", "plain"],
      ["warn", "with fields", { a: 1 }],
      ["error", "plain"],
      ["error", "with fields", { a: 1 }],
    ]);
  });
});
