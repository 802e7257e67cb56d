import { type ArchiveDraft, PacedWriter } from "@omniq/journal";
import type { Columns, ColumnsBuilder } from "./archive-columns.ts";
import { footerOf } from "./archive-footer.ts";
import type { Job } from "./job.ts";

/**
 * Writes an archive, a little at a time and without the lock, and returns once it is on the disk. Answers null where it was
 * told to stop.
 *
 * @param lines those of the tasks, of which each is in the columns by the time that the next is asked for
 */
export async function writeArchive(
  { file, seal }: Pick<ArchiveDraft, "file" | "seal">,
  lines: Iterable<Buffer>,
  builder: ColumnsBuilder,
  job: Job,
): Promise<Columns | null> {
  const writer = new PacedWriter(file, 0, () => job.restMs);
  for (const line of lines) {
    if (job.isStopped) return null;
    if (writer.add(line)) await writer.step();
  }
  const columns = builder.build();
  for (const line of footerOf(columns)) if (writer.add(line)) await writer.step();
  writer.finish();
  if (job.isStopped) return null;
  await seal();
  return columns;
}
