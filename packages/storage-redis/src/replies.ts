import { CorruptRecordError } from "@omniq/core";
import type * as h from "@omniq/core/storage";
import { unpackTask } from "./row-codec.ts";

/** What a script answers for a claim: how many were taken over, then each task, those first. */
export type ClaimReply = readonly [recovered: number, ...tasks: (readonly [id: string, row: string])[]];

/** Parts what was claimed; `unreadable` are the ids of rows that the script took for sound. */
export function claimedTasks([recovered, ...tasks]: ClaimReply) {
  const read = tasks.map(([id, row]) => currentTask(id, row));
  const isSound = (task: h.SequencedTask | null): task is h.SequencedTask => task !== null;
  return {
    recovered: read.slice(0, recovered).filter(isSound),
    claimed: read.slice(recovered).filter(isSound),
    unreadable: tasks.flatMap(([id], index) => (read[index] ? [] : [id])),
  };
}

/** What lua/insert.lua's `insert` answers: 1 created, 0 existing, -1 duplicate; or the id of a live twin. */
export function insertAnswer({ id }: { readonly id: string }, reply: unknown): h.InsertAnswer {
  if (typeof reply === "string") return { status: "existing", id: reply };
  return { status: reply === 1 ? "created" : reply === 0 ? "existing" : "duplicate", id };
}

export function writeAnswer({ id }: { readonly id: string }, reply: unknown): h.WriteAnswer {
  return reply === 1 ? { written: true } : { written: false, current: currentTask(id, reply) };
}

export function renewAnswer({ id }: { readonly id: string }, reply: unknown): h.RenewHookAnswer {
  return typeof reply === "number" ? { until: reply } : { current: currentTask(id, reply) };
}

/** Null for a row that cannot be read: it is gone for whoever held it, and the others must not fail for it. */
export function currentTask(id: string, reply: unknown): h.SequencedTask | null {
  try {
    return typeof reply === "string" ? unpackTask(id, reply) : null;
  } catch (error) {
    if (error instanceof CorruptRecordError) return null;
    throw error;
  }
}
