import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import { gathering } from "../gathering.ts";
import type { Payload, System } from "../system.ts";

interface RawTask {
  readonly id: string;
  status: string;
}

/**
 * What files allow: lines as OmniQ's journal has them, appended and synced, one for each step. What is in them is kept
 * in memory and nowhere else.
 */
export const rawFile: System = {
  settings: "append + fdatasync, one line a step, tasks in an array, nothing else",
  async open(place, { keeps, batch }) {
    const path = `${place.folder}/raw.jsonl`;
    const file = openSync(path, "a");
    const append = (entries: readonly object[]): void => {
      const json = JSON.stringify(entries);
      writeSync(file, `{"c":"${crc32(json).toString(16).padStart(8, "0")}","r":${json}}\n`);
      fdatasyncSync(file);
    };
    const known = readTasks(path);
    const waiting: RawTask[] = known.filter(({ status }) => status === "PENDING");
    let next = 0;
    let sequence = known.length;
    let token = 0;
    let succeeded = 0;
    const insert = async (payloads: readonly Payload[]): Promise<void> => {
      const now = Date.now();
      const entries = payloads.map((payload) => {
        const id = `raw-${String(++sequence).padStart(32, "0")}`;
        return { new: taskOf(id, payload, sequence, now) };
      });
      append(entries);
      for (const { new: task } of entries) waiting.push({ id: task.id, status: "PENDING" });
    };
    const exchange = (held: readonly RawTask[], limit: number): readonly RawTask[] => {
      const now = Date.now();
      const entries: object[] = [];
      for (const task of held) {
        if (keeps) entries.push(...settlementOf(task.id, now));
        else entries.push({ gone: task.id });
        task.status = "SUCCESS";
      }
      if (keeps) succeeded += held.length;
      const claimed = waiting.slice(next, next + limit);
      next += claimed.length;
      token++;
      for (const task of claimed) entries.push(claimOf(task.id, token, now));
      append(entries);
      return claimed;
    };
    return {
      add: gathering(insert),
      addMany: insert,
      async drain(total, concurrency) {
        const limit = batch ?? concurrency;
        let settled = 0;
        let held = exchange([], limit);
        while (settled < total) {
          settled += held.length;
          held = exchange(held, limit);
        }
      },
      counts: async () => ({ waiting: waiting.length - next, succeeded }),
      close: async () => closeSync(file),
    };
  },
};

function readTasks(path: string): readonly RawTask[] {
  const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
  return lines
    .flatMap((line) => (JSON.parse(line) as { readonly r: readonly { readonly new: RawTask }[] }).r)
    .map(({ new: task }) => ({ id: task.id, status: "PENDING" }));
}

function taskOf(id: string, payload: Payload, sequence: number, now: number) {
  return {
    id,
    at: now,
    name: "noop",
    queue: "default",
    priority: 0,
    payload: JSON.stringify(payload),
    format: "json",
    maxRetries: 3,
    contentDigest: "AAAAAAAAAAAAAAAAAAAAAA",
    sequence,
  };
}

function claimOf(id: string, token: number, now: number): object {
  return { claim: { id, at: now, token: String(token), workerId: "raw", leaseUntil: now + 30_000 } };
}

function settlementOf(id: string, now: number): readonly object[] {
  const settle = { id, at: now, settledDigest: "AAAAAAAAAAAAAAAAAAAAAA" };
  const result = { taskId: id, value: "null", expiresAt: now + 86_400_000 };
  return [{ settle }, { result }];
}
