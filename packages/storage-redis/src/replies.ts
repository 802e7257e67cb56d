import { CorruptRecordError, StorageError } from "@omniq/core";
import type * as h from "@omniq/core/storage";
import { unpackTask } from "./row-codec.ts";

/** What a script answers for a claim: how many were taken over, then id and row of each task, those first. */
export type ClaimReply = readonly [recovered: number, ...rows: string[]];

export interface Claimed {
  readonly claimed: h.StoredTask[];
  readonly recovered: h.StoredTask[];
  /** Ids of rows that the script took for sound and that are not. */
  readonly unreadable: string[];
}

/** @throws StorageError `connection_lost` where the client had sent the claim twice */
export function claimedTasks([recovered, ...rows]: ClaimReply): Claimed {
  if (recovered < 0) {
    throw new StorageError("connection_lost", "The answer to a claim was lost, and the claim sent again", {
      retryable: true,
      outcome: "unknown",
    });
  }
  const result: Claimed = { claimed: [], recovered: [], unreadable: [] };
  for (const [index, [id, row]] of (inTurn(rows, 2) as [string, string][]).entries()) {
    const task = currentTask(id, row);
    if (!task) result.unreadable.push(id);
    else (index < recovered ? result.recovered : result.claimed).push(task);
  }
  return result;
}

/** Of ids and rows in turn. */
export function unpackRows(flat: readonly string[]): h.SequencedTask[] {
  return inTurn(flat, 2).map(([id, row]) => unpackTask(id as string, row as string));
}

/** Of a letter as `insert` of lua/prelude.lua answers it. `twins` are the ids that the letter "t" stands for. */
export function insertAnswer(letter: string | undefined, id: string, twins: string[]): h.InsertAnswer {
  if (letter === "t") return { status: "existing", id: twins.shift() as string };
  return { status: letter === "c" ? "created" : letter === "d" ? "duplicate" : "existing", id };
}

export function writeAnswer({ id }: { readonly id: string }, reply: unknown): h.WriteAnswer {
  return reply === 1 ? { written: true } : { written: false, current: currentTask(id, reply) };
}

export function renewAnswer({ id }: { readonly id: string }, reply: unknown): h.RenewHookAnswer {
  return typeof reply === "number" ? { until: reply } : { current: currentTask(id, reply) };
}

/** A row that cannot be read is gone for whoever held it; the others of the batch must not fail for it. */
function currentTask(id: string, reply: unknown): h.StoredTask | null {
  if (typeof reply !== "string") return null;
  try {
    return unpackTask(id, reply);
  } catch (error) {
    if (error instanceof CorruptRecordError) return null;
    throw error;
  }
}

/** Parts a flat reply into runs of so many values. */
export function inTurn<T>(flat: readonly T[], width: number): T[][] {
  return Array.from({ length: flat.length / width }, (_, index) =>
    flat.slice(index * width, (index + 1) * width),
  );
}
