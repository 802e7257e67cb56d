import type { Clock } from "../ports/clock.ts";
import type * as h from "./hooks.ts";

/** The members of a store that a composite uses. They are protected from everybody else. */
export interface JoinedHooks {
  readonly clock: Clock;
  doEnqueue(params: h.EnqueueHookParams): Promise<h.EnqueueHookResult>;
  doDequeue(params: h.DequeueHookParams): Promise<h.DequeueHookResult>;
  doWrite(writes: readonly h.TaskWrite[]): Promise<h.WriteHookResult>;
  doRenew(renewals: readonly h.RenewHookItem[]): Promise<h.RenewHookResult>;
  doGetTask(taskId: string): Promise<h.StoredTask | null>;
  doGetResult(key: h.ResultKey): Promise<h.ResultRecord | null>;
  doPutResult(params: h.ResultHookParams): Promise<void>;
  doDeleteResult(key: h.ResultKey): Promise<boolean>;
  doQueryEvents(params: h.EventsHookParams): Promise<h.EventsHookResult>;
  doNotify(): Promise<void>;
}

export function hooksOf(store: object): JoinedHooks {
  return store as JoinedHooks;
}
