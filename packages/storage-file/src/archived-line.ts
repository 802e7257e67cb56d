import type { ResultRecord, SequencedTask } from "@omniq/core/storage";
import { decodeLine, encodeLine } from "@omniq/journal";
import { type WithoutNulls, resultJson, taskJson, wholeResult, wholeTask } from "./written.ts";

/** A task in an archive, with the result of its last run. */
export interface Archived {
  readonly task: SequencedTask;
  readonly result: ResultRecord | null;
}

/** What a line says. */
interface WrittenLine {
  readonly task: WithoutNulls<SequencedTask>;
  readonly result?: WithoutNulls<ResultRecord>;
}

/** With its line feed. */
export function encodeArchived({ task, result }: Archived): Buffer {
  const written = `{"task":${taskJson(task)}${result ? `,"result":${resultJson(result)}` : ""}}`;
  return encodeLine("r", written);
}

/** @param line without its line feed. Answers null where it cannot be read. */
export function decodeArchived(line: Buffer): Archived | null {
  const written = decodeLine("r", line) as WrittenLine | undefined;
  if (!written) return null;
  return { task: wholeTask(written.task), result: written.result ? wholeResult(written.result) : null };
}
