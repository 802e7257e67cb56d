import type { Archives } from "./archives.ts";
import type { FileSystem } from "./file-system.ts";
import type { Holder } from "./holder.ts";
import { type SegmentNames, meaningOf, segmentNumbers } from "./segment-names.ts";
import type { Tail } from "./tail.ts";

/**
 * Removes what processes that are gone have left in the folder. To be called under the lock of the newest segment, the
 * names in the folder being on the disk: a segment must not go before the one that stands for it is there for certain.
 */
export function sweep(
  files: FileSystem,
  names: SegmentNames,
  holder: Holder,
  tail: Tail,
  archives: Archives,
): void {
  const found = files.list(names.folder).map(meaningOf);
  removeSegments(files, names, tail.first - 1);
  for (const meaning of found) {
    switch (meaning?.kind) {
      case "lock":
      case "taken":
        if (meaning.number !== tail.number && holder.stateOf(meaning.number) !== "held") {
          files.remove(names.lock(meaning.number));
          files.remove(names.taken(meaning.number));
        }
        break;
      case "draft":
        if (meaning.holderId !== holder.id && holder.isGone(meaning.holderId))
          files.remove(names.draft(meaning.number, meaning.holderId));
        break;
      case "wanted":
        files.remove(names.wanted);
        break;
      default:
    }
  }
  archives.sweep();
  for (const meaning of found) {
    if (meaning?.kind === "holder" && meaning.holderId !== holder.id && holder.isGone(meaning.holderId))
      files.remove(names.holder(meaning.holderId));
  }
}

/**
 * Removes the segments up to a number, the oldest first, so that those that are left always follow one another. The
 * lock of a segment goes after it, and then its mark: a holder who wakes late looks for the mark first, then for its lock.
 *
 * Between a segment and the next, whatever was to become that next one goes: somebody who has stood still since may not
 * put it in the place that comes free. Who begins to write one later sees that the segment before has lost its name.
 */
export function removeSegments(files: FileSystem, names: SegmentNames, last: number): void {
  for (const number of segmentNumbers(files.list(names.folder))) {
    if (number > last) return;
    files.remove(names.segment(number));
    files.remove(names.lock(number));
    files.remove(names.taken(number));
    for (const meaning of files.list(names.folder).map(meaningOf)) {
      if (meaning?.kind === "draft" && meaning.number === number + 1)
        files.remove(names.draft(meaning.number, meaning.holderId));
    }
  }
}
