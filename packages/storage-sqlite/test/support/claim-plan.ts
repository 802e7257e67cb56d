import { ManualClock } from "@omniq/core/testing";
import { SQLiteStorage } from "@omniq/storage-sqlite";
import type { ClaimStep } from "@omniq/storage-testkit";
import Database from "better-sqlite3";
import { planOf, recordingHandle } from "./recorded.ts";

/** What each bound of an index is called in a plan of SQLite's. */
const BOUNDS: readonly (readonly [RegExp, ClaimStep["bounds"][number]])[] = [
  [/\bqueue=\?/, "queue"],
  [/\bpriority(?:=|<)\?/, "priority"],
  [/\beta<\?/, "due"],
  [/\blease_until<\?/, "lease"],
  [/\b(?:rowid|id)=\?/, "id"],
];

/** How SQLite goes about a claim on the database as it stands, from the statements that one claim has run. */
export async function claimPlan(path: string, now: number): Promise<readonly ClaimStep[]> {
  const { database, seen } = recordingHandle(path);
  const store = new SQLiteStorage({ database, clock: new ManualClock(now) });
  await store.open();
  const before = seen.length;
  const { tasks } = await store.dequeue({ limit: 10, workerId: "planner", leaseMs: 1 });
  const statements = seen.slice(before);
  await store.settle({ settlements: tasks.map((task) => ({ task, outcome: { kind: "release" } })) });
  await store.close();
  const reader = new Database(path);
  const steps = statements.flatMap((statement) =>
    planOf(reader, statement)
      .filter((text) => /^(?:SEARCH|SCAN) tasks\b/.test(text))
      .map((text): ClaimStep => ({
        text,
        index: text.startsWith("SEARCH")
          ? (/USING (?:COVERING )?(?:INDEX )?(\w+)/.exec(text)?.[1] ?? null)
          : null,
        bounds: BOUNDS.flatMap(([shown, bound]) => (shown.test(text) ? [bound] : [])),
        finds: findsOf(statement.sql, text),
      })),
  );
  reader.close();
  database.close();
  return steps;
}

function findsOf(sql: string, step: string): ClaimStep["finds"] {
  if (sql.startsWith("select max(")) return "priority";
  if (/"lease_until" <= \+\?/.test(sql)) return "lapsed";
  return /\b(?:rowid|id)=\?/.test(step) ? "taken" : "due";
}
