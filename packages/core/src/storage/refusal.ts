import type { LeaseLostReason } from "../errors/storage-error.ts";
import type { StoredTask } from "../model/task-record.ts";

/** Why a fenced write was not made. `outdated`: the lease holds, but the schedule is a newer one. */
export type Refusal =
  | { readonly status: "repeated" | "conflict" | "outdated" | "gone" }
  | { readonly status: "lost"; readonly reason: LeaseLostReason };

/**
 * Tells from the row as it stands why a settlement was refused, in the order that the contract gives: no row;
 * this token settled last; another token; another schedule.
 */
export function settleRefusal(token: string, outcomeDigest: string, current: StoredTask | null): Refusal {
  if (current === null) return { status: "gone" };
  if (current.settledToken === token) {
    return { status: current.settledDigest === outcomeDigest ? "repeated" : "conflict" };
  }
  if (current.token !== token) return { status: "lost", reason: lossReason(token, current) };
  return { status: "outdated" };
}

/** Why the lease of this token no longer counts, as far as the row tells. */
export function lossReason(token: string, current: StoredTask): LeaseLostReason {
  if (current.status === "CANCELLED") return "cancelled";
  const takenOver =
    current.status === "RUNNING" || (current.settledToken !== null && current.settledToken >= token);
  return takenOver ? "taken_over" : "rescheduled";
}
