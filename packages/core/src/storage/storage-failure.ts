import { OmniQError, messageOf } from "../errors/omniq-error.ts";
import { StorageError } from "../errors/storage-error.ts";
import { FAILURES, driverCodeOf, driverError } from "./driver-failures.ts";

/** What each call does, in words; the beginning of its error message. */
const DOING = {
  open: "open the store",
  close: "close the store",
  destroy: "destroy the store",
  describe: "describe the store",
  enqueue: "enqueue tasks",
  dequeue: "claim tasks",
  settle: "settle tasks",
  renew: "renew leases",
  exchange: "settle and claim tasks",
  getTask: "retrieve task",
  reschedule: "reschedule task",
  cancel: "cancel task",
  retryTask: "retry task",
  deleteTask: "delete task",
  schedule: "schedule task",
  pauseSchedule: "pause the schedule of task",
  resumeSchedule: "resume the schedule of task",
  hold: "hold task",
  unhold: "unhold task",
  listTasks: "list tasks",
  countTasks: "count tasks",
  listQueues: "list queues",
  pauseQueue: "pause queue",
  resumeQueue: "resume queue",
  purge: "purge tasks",
  nextDue: "look up the next due time",
  importTasks: "import tasks",
  watch: "watch for due tasks",
  getResult: "retrieve the result of task",
  putResult: "store the result of task",
  deleteResult: "delete the result of task",
  purgeResults: "purge results",
  listResults: "list results",
  importResults: "import results",
  importEvents: "import events",
  appendEvents: "append events",
  queryEvents: "query events",
  purgeEvents: "purge events",
} as const;

/** The name of a public call of a store. */
export type StorageCall = keyof typeof DOING;

export function doing(call: StorageCall, subject: string | null): string {
  return subject === null ? DOING[call] : `${DOING[call]} ${subject}`;
}

/** What a process says that has no handle left, whatever it was needed for. */
const NO_HANDLES = /^(?:EMFILE|ENFILE)$/;

/** OmniQ's own errors pass untouched; anything else becomes a StorageError with it as the cause. */
export function toStorageFailure(thrown: unknown, call: StorageCall, subject: string | null): OmniQError {
  if (thrown instanceof OmniQError) return thrown;
  const code = driverCodeOf(thrown);
  if (NO_HANDLES.test(code))
    return driverError(FAILURES.tooManyFiles, `Failed to ${doing(call, subject)}`, thrown, code);
  return new StorageError("storage_failure", `Failed to ${doing(call, subject)}: ${messageOf(thrown)}`, {
    outcome: "unknown",
    cause: thrown,
  });
}

/** A failure after a part of a call was carried out: an error can no longer say that nothing was. */
export function afterSome(thrown: unknown): unknown {
  if (!(thrown instanceof StorageError)) return thrown;
  const { code, message, retryable, cause } = thrown;
  return new StorageError(code, message, { retryable, cause, outcome: "unknown" });
}
