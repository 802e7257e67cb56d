import { CorruptRecordError } from "@omniq/core";
import { TASK_STATUSES, importedRow } from "@omniq/core/storage";
import type * as h from "@omniq/core/storage";

/*
 * What is stored, as text: fields with NUL between them, the empty field for null. No id or name may contain NUL, and
 * JSON text has none; the last field may hold anything. lua/rows.lua takes rows apart in the same order.
 */

interface Field {
  readonly name: string;
  readonly isNumber: boolean;
}

/** Fields in order; a # marks a number. */
function fields(names: string): readonly Field[] {
  return names.split(" ").map((name) => ({ name: name.replace("#", ""), isNumber: name.startsWith("#") }));
}

const STATE = fields("status #attempts #recoveries #run #failures error holds");
const LEASE = fields("#revision #updatedAt #lastAttemptAt token #leaseUntil workerId progress");
const HEAD = [...LEASE, ...STATE, ...fields("#eta #finishedAt settledToken settledDigest")];
const DEFINITION = fields(
  "queue #priority #scheduleVersion contentDigest name format schedule #maxRetries #timeout policies headers " +
    "concurrencyKey payload",
);
const IDENTITY = [...fields("#createdAt dedupeKey"), ...DEFINITION];
const TASK = [...HEAD, ...fields("#sequence"), ...IDENTITY];
/** A record is made with all its fields, since one that grows by each in turn is moved ten times. */
const EMPTY_TASK = { id: "", ...Object.fromEntries(TASK.map(({ name }) => [name, null])) };
const RESULT = fields("status #attempts #startedAt pendingToken format error value");
const STORED_RESULT = [...fields("#finishedAt #expiresAt"), ...RESULT];
const EVENT = fields("taskId type #run #attempt workerId data");
const STORED_EVENT = [...fields("#timestamp"), ...EVENT];

/** The arguments of a group of new tasks, as lua/enqueue.lua takes them. */
export function groupArguments(group: readonly h.TaskInsert[]): string[] {
  return [String(group.length), ...group.flatMap(insertArguments)];
}

/** The arguments of a task that comes alone and brings nothing along, as lua/enqueue-one.lua takes them. */
export function plainArguments(insert: h.TaskInsert): string[] {
  return [insert.id, packDue(insert.due), `\0${pack(DEFINITION, insert)}`];
}

/** The arguments of one new task, as `insert` of lua/insert.lua takes them. */
function insertArguments(insert: h.TaskInsert): string[] {
  const { id, due, dedupe, clearsResults, event } = insert;
  const window = dedupe ? `;${dedupe.windowMs ?? ""}${dedupe.debounce ? "d" : ""}` : "";
  const plan = `${packDue(due)}${clearsResults ? "c" : ""}${window}`;
  return [id, plan, event ? packEvent(event) : "", `${dedupe?.key ?? ""}\0${pack(DEFINITION, insert)}`];
}

/** The arguments of one guarded write, as `write` of lua/write.lua takes them. */
export function writeArguments(write: h.TaskWrite): string[] {
  const { guard, state, due, keepsLease, definition, result, dropResults, events, enqueue } = write;
  const stand =
    "token" in guard
      ? `${guard.token}\0${guard.scheduleVersion}\0${guard.outcomeDigest}`
      : `\0${guard.revision}\0`;
  const flags = `${keepsLease ? "K" : ""}${definition ? "D" : ""}${result ? "R" : ""}`;
  const plan = `${stand}\0${due ? packDue(due) : ""}\0${flags}\0${dropResults ?? ""}\0${events.length}\0${enqueue.length}`;
  const args = ["", write.id, plan, state ? pack(STATE, state) : ""];
  if (definition) args.push(pack(DEFINITION, definition));
  if (result) args.push(sentResult(result));
  for (const event of events) args.push(packEvent(event));
  for (const child of enqueue) args.push(...insertArguments(child));
  args[0] = String(args.length - 1);
  return args;
}

/** What writes that end leases alike share, as lua/end-alike.lua takes it. */
export function sharedArguments({ guard, state, result }: h.PlainEnd): string[] {
  return [String(guard.scheduleVersion), state ? pack(STATE, state) : "", result ? "3" : "2"];
}

/** The arguments of one such write. */
export function endArguments({ id, guard, result }: h.PlainEnd): string[] {
  const args = [id, `${guard.token}\0${guard.outcomeDigest}`];
  if (result) args.push(sentResult(result));
  return args;
}

/** A result that a write brings, as `putSent` of lua/results.lua takes it. */
function sentResult(result: h.ResultInsert): string {
  return `${result.run}\0${result.ttlMs ?? ""}\0${packResult(result, null)}`;
}

/** The arguments of one lease to be moved, as lua/renew.lua takes them. */
export function renewArguments({ id, token, leaseMs, progress }: h.RenewHookItem): string[] {
  return [id, token, String(leaseMs), progress ?? ""];
}

/** The arguments of a task from another store: its id, and its row before and after the place in the enqueue order. */
export function importArguments(task: h.ImportedTask): string[] {
  const row = importedRow(task, 0);
  return [row.id, `${pack(HEAD, row)}\0`, `\0${pack(IDENTITY, row)}`];
}

/** A result, without the instants that the store adds before it. */
export function packResult(result: h.ResultInsert, pendingToken: string | null): string {
  return pack(RESULT, pendingToken === null ? result : { ...result, pendingToken });
}

/** The arguments of a result from another store: its task, its run, when it expires, and the result as it is stored. */
export function importResultArguments(result: h.ResultRecord): string[] {
  const { taskId, run, expiresAt } = result;
  return [taskId, String(run), String(expiresAt ?? ""), pack(STORED_RESULT, result)];
}

/** An event, without the instant that the store adds before it; or one from another store, with its instant. */
export function packEvent(event: h.EventInsert | h.EventImport): string {
  return pack("timestamp" in event ? STORED_EVENT : EVENT, event);
}

/** @throws CorruptRecordError */
export function unpackTask(id: string, row: string): h.SequencedTask {
  const task = unpack<Partial<h.SequencedTask>>(TASK, row, EMPTY_TASK);
  if (!task?.status || !TASK_STATUSES.includes(task.status))
    throw new CorruptRecordError(id, "its stored form cannot be read");
  const { createdAt } = task;
  task.id = id;
  task.eta ??= createdAt as number;
  task.updatedAt ??= createdAt as number;
  task.payload ??= "";
  return task as h.SequencedTask;
}

/** A result under its name in the hash of results: the run, a colon, the task. @throws CorruptRecordError */
export function unpackResult(name: string, text: string): h.ResultRecord {
  const [run = "", taskId = ""] = name.split(/:(.*)/s);
  const result = unpack<h.ResultRecord>(STORED_RESULT, text);
  if (!result) throw new CorruptRecordError(taskId, `the result of its run ${run} cannot be read`);
  const value = result.status === "SUCCESS" ? (result.value ?? "") : null;
  return { ...result, taskId, run: Number(run), value };
}

/** Of an entry of the stream of events; null where the text is no event. */
export function unpackEvent(text: string, entryId: string): h.EventRecord | null {
  const event = unpack<h.EventRecord>(STORED_EVENT, text);
  return event && { ...event, sequence: Number.parseInt(entryId) };
}

function packDue(due: h.Due): string {
  return "at" in due ? `@${due.at}` : `+${due.inMs}`;
}

function pack(list: readonly Field[], record: object): string {
  const values = record as Readonly<Record<string, string | number | null>>;
  // What is null, or is not there, becomes the empty text.
  return list.map(({ name }) => values[name]).join("\0");
}

/** Null where fields are missing, or a number is none. What is beyond the last field belongs to it. */
function unpack<T>(
  list: readonly Field[],
  text: string,
  empty: Readonly<Record<string, string | null>> = {},
): { -readonly [K in keyof T]: T[K] } | null {
  const record: Record<string, string | number | null> = { ...empty };
  let from = 0;
  for (let index = 0; index < list.length; index++) {
    const { name, isNumber } = list[index] as Field;
    const to = index === list.length - 1 ? text.length : text.indexOf("\0", from);
    if (to < 0) return null;
    const part = text.slice(from, to);
    const value = part === "" ? null : isNumber ? Number(part) : part;
    if (Number.isNaN(value)) return null;
    record[name] = value;
    from = to + 1;
  }
  return record as { -readonly [K in keyof T]: T[K] };
}
