import { NotImplementedError } from "../errors/validation-error.ts";

/** The hooks that every store implements; those with a default of their own are not listed. */
export const REQUIRED_HOOKS = [
  "doOpen",
  "doClose",
  "doDestroy",
  "doDescribe",
  "doEnqueue",
  "doDequeue",
  "doWrite",
  "doRenew",
  "doGetTask",
  "doListTasks",
  "doCountTasks",
  "doListQueues",
  "doSetQueuePaused",
  "doPurge",
  "doNextDue",
  "doImportTasks",
  "doGetResult",
  "doPutResult",
  "doDeleteResult",
  "doPurgeResults",
  "doAppendEvents",
  "doQueryEvents",
  "doPurgeEvents",
] as const;

/** The calls that people know, with the hook that carries each. */
const CALLS_OF: Readonly<Record<string, string>> = {
  doGetTask: "getTask, reschedule",
  doWrite: "settle, reschedule, cancel",
};

/** @throws NotImplementedError naming the hooks that a subclass written in JavaScript lacks. */
export function checkHooks(storage: object): void {
  const members = storage as Readonly<Record<string, unknown>>;
  const missing = REQUIRED_HOOKS.filter((hook) => typeof members[hook] !== "function");
  if (missing.length === 0) return;
  const named = missing.map((hook) => (CALLS_OF[hook] ? `${hook} (for ${CALLS_OF[hook]})` : hook)).join(", ");
  throw new NotImplementedError(
    `${storage.constructor.name} lacks ${named}. A storage class implements every hook of BaseStorage; ` +
      "docs/contract.md lists them.",
    missing,
  );
}
