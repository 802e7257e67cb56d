import { endianness } from "node:os";
import type { Kind } from "@omniq/storage-memory";
import { type OpenFile, decodeLine, encodeLine, encodePaddedLine, linesOf } from "@omniq/journal";
import { type Columns, ColumnsBuilder } from "./archive-columns.ts";
import { decodeArchived } from "./archived-line.ts";
import { idsIn } from "./damaged-line.ts";

/*
 * An archive ends with its columns, a line each, so that whoever opens it parses no tasks; the last line, of a fixed
 * length, says where they begin. All of it follows from the lines before, so a footer that is damaged is no loss.
 */

const FORMAT = "omniq-archive";
const VERSION = 1;
/** The last line is so long, with its line feed. */
const LAST_BYTES = 128;

const TYPES = {
  kind: Uint32Array,
  sequence: Float64Array,
  offset: Float64Array,
  finishedAt: Float64Array,
  expiresAt: Float64Array,
  hash: Uint32Array,
  ordinal: Uint32Array,
} as const;

interface LastLine {
  readonly format: string;
  readonly version: number;
  /** The order of the bytes of a number: that of the machine. */
  readonly order: string;
  readonly tasks: number;
  readonly footer: number;
}

type FooterLine =
  | { readonly kinds: readonly (Kind | null)[] }
  | { readonly column: keyof typeof TYPES; readonly values: string };

/** The lines of the footer, each with its line feed. */
export function* footerOf(columns: Columns): Generator<Buffer> {
  const line = (value: FooterLine): Buffer => encodeLine("f", JSON.stringify(value));
  yield line({ kinds: columns.kinds });
  for (const column of Object.keys(TYPES) as (keyof typeof TYPES)[]) {
    const { buffer, byteOffset, byteLength } = columns[column];
    yield line({ column, values: Buffer.from(buffer, byteOffset, byteLength).toString("base64") });
  }
  const tasks = columns.kind.length;
  const footer = columns.offset[tasks] as number;
  const last: LastLine = { format: FORMAT, version: VERSION, order: endianness(), tasks, footer };
  yield encodePaddedLine("f", JSON.stringify(last), LAST_BYTES);
}

/** What the footer says; null where it is damaged, or of a machine that orders bytes in another way. */
export function readFooter(file: OpenFile): Columns | null {
  const { size } = file.look();
  const start = Math.max(0, size - LAST_BYTES);
  const last = decodeLine("f", file.read(start, size - 1 - start)) as LastLine | undefined;
  if (last?.format !== FORMAT || last.version !== VERSION || last.order !== endianness()) return null;
  const found: { -readonly [K in keyof Columns]?: Columns[K] } = {};
  for (const { bytes } of linesOf(file, last.footer, start)) {
    const line = decodeLine("f", bytes) as FooterLine | undefined;
    if (!line) return null;
    if ("kinds" in line) found.kinds = line.kinds;
    else Object.assign(found, { [line.column]: numbersOf(line.values, TYPES[line.column]) });
  }
  const isWhole = found.kinds && Object.keys(TYPES).every((column) => column in found);
  return isWhole ? (found as Columns) : null;
}

/** What the lines say, `count` of them; of those that cannot be read no more than that they are there. */
export function columnsFromLines(file: OpenFile, count: number): Columns {
  const builder = new ColumnsBuilder(count);
  for (const { bytes, offset, next } of linesOf(file, 0, file.look().size)) {
    if (builder.count === count) break;
    const archived = decodeArchived(bytes);
    if (archived) builder.add(archived, next - offset);
    else builder.addUnreadable(idsIn(bytes.toString())[0], next - offset);
  }
  while (builder.count < count) builder.addUnreadable(undefined, 0);
  return builder.build();
}

function numbersOf(
  base64: string,
  type: typeof Uint32Array | typeof Float64Array,
): Uint32Array | Float64Array {
  const bytes = Buffer.from(base64, "base64");
  // A copy of its own: a small buffer is a part of a larger one, and may begin anywhere in it.
  return new type(new Uint8Array(bytes).buffer, 0, bytes.length / type.BYTES_PER_ELEMENT);
}
