/** Within texts quotes are escaped, so these are keys and their values only. */
const IDS = /"(?:id|taskId|gone)":("(?:[^"\\]|\\.)*")/g;

/** The names of archives. */
const ARCHIVES = /archive-[0-9a-f-]{36}-\d+\.jsonl/g;

/** The archives that a damaged line names. */
export function archivesIn(line: string): readonly string[] {
  return [...new Set(line.match(ARCHIVES) ?? [])];
}

/** The ids of the tasks that a damaged line is about, as far as they can be made out. */
export function idsIn(line: string): readonly string[] {
  const ids = new Set<string>();
  for (const [, text = ""] of line.matchAll(IDS)) {
    try {
      ids.add(JSON.parse(text) as string);
    } catch {
      // The damage is in the id itself.
    }
  }
  return [...ids];
}
