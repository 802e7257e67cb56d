import type { EventRecord, QueueInfo, SequencedTask } from "@omniq/core/storage";
import type { Ranges } from "./ranges.ts";
import type { Claim, NewTask, Settlement } from "./steps.ts";
import type { WithoutNulls, WrittenResult } from "./written.ts";

/** A line that cannot be read, kept with what is known of it. */
export interface Damage {
  /** The tasks that it is about, as far as they can be made out. */
  readonly ids: readonly string[];
  /** The file that it was found in, and where, in bytes from its beginning. */
  readonly path: string;
  readonly offset: number;
  readonly line: string;
}

/**
 * What a record of the journal is made of: each entry states how something is now. A record is an array of entries that
 * were made in one step.
 */
export type Entry =
  /** What nearly every line tells of, without what is the same for all tasks. */
  | { readonly new: NewTask }
  | { readonly claim: Claim }
  | { readonly settle: Settlement }
  /** A whole task. Fields that are null are left out. */
  | { readonly put: WithoutNulls<SequencedTask> }
  /** Fields of a task that have changed. */
  | { readonly change: Partial<SequencedTask> & { readonly id: string } }
  /** The id of a task that was removed. */
  | { readonly gone: string }
  /** A result. Fields that are null are left out, and those that the row of its task says too. */
  | { readonly result: WrittenResult }
  /** Results that were removed: of one run, or all of a task. */
  | { readonly resultGone: { readonly taskId: string; readonly run: number | null } }
  /** An event. Fields that are null are left out. */
  | { readonly event: WithoutNulls<EventRecord> }
  /** The sequence numbers of events that were removed. */
  | { readonly eventsGone: readonly number[] }
  | { readonly queue: QueueInfo }
  /** The last numbers given, where no task or event that is left shows them. */
  | { readonly counters: { readonly sequence: number; readonly token: number } }
  /** An archive, with what has gone of it. */
  | { readonly archived: ArchivedEntry }
  /** More has gone of an archive. */
  | { readonly archivedGone: Gone & { readonly file: string } }
  /** A line of an earlier segment that could not be read. */
  | { readonly damaged: Damage }
  /** Everything was removed. */
  | { readonly cleared: true };

/** What has gone of an archive: tasks and results, by their ordinals. */
export interface Gone {
  readonly tasks?: Ranges;
  readonly results?: Ranges;
}

/** How an archive is written in a record. */
export interface ArchiveState extends Gone {
  readonly file: string;
  /** How many tasks it was written with. */
  readonly count: number;
}

export interface ArchivedEntry extends ArchiveState {
  /** The tasks that it takes over from the journal, each with the result of its last run. */
  readonly sequences?: Ranges;
  /** The archives that it takes over from. */
  readonly replaces?: readonly string[];
}
