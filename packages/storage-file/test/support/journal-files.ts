import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HEADER_BYTES, encodePaddedLine } from "@omniq/journal";

/** The paths of a folder's segments, the oldest first. */
export function segmentsOf(folder: string): readonly string[] {
  const number = (name: string): number => Number(/\d+/.exec(name)?.[0]);
  return readdirSync(folder)
    .filter((name) => /^journal-\d+\.jsonl$/.test(name))
    .toSorted((a, b) => number(a) - number(b))
    .map((name) => join(folder, name));
}

/** Resolves once the journal was rewritten, so that this segment of it has gone. */
export async function untilRewritten(segment: string): Promise<void> {
  while (existsSync(segment)) await new Promise((resolve) => setImmediate(resolve));
}

/** Flips a bit of the payload of a task, where the journal says what the task is. */
export function flipBit(folder: string, taskId: string): { readonly path: string; readonly offset: number } {
  for (const path of segmentsOf(folder)) {
    const bytes = readFileSync(path);
    for (let start = 0; start < bytes.length;) {
      const end = bytes.indexOf("\n", start);
      const { r: record = [] } = JSON.parse(bytes.toString("utf8", start, end)) as {
        readonly r?: readonly { readonly [kind in "new" | "put"]?: { readonly id: string } }[];
      };
      if (record.some((entry) => (entry.new ?? entry.put)?.id === taskId)) {
        const place = bytes.indexOf('"payload":"', start) + '"payload":"'.length;
        bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
        writeFileSync(path, bytes);
        return { path, offset: start };
      }
      start = end + 1;
    }
  }
  throw new Error(`The journal does not say what task ${taskId} is.`);
}

/** Marks the newest segment as written by a newer version. */
export function makeNewer(folder: string): void {
  const path = segmentsOf(folder).at(-1) as string;
  const bytes = readFileSync(path);
  const { h: header } = JSON.parse(bytes.toString("utf8", 0, HEADER_BYTES)) as { h: { version: number } };
  encodePaddedLine("h", JSON.stringify({ ...header, version: header.version + 1 }), HEADER_BYTES).copy(bytes);
  writeFileSync(path, bytes);
}

/** Every name in the folder, and what it holds. */
export function contentsOf(folder: string): string {
  const names = readdirSync(folder).toSorted();
  return JSON.stringify(names.map((name) => [name, readFileSync(join(folder, name), "latin1")]));
}
