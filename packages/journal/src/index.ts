/** An append-only journal of JSON lines in a folder, which several processes may share. It knows no tasks. */
export type { ArchiveDraft, Archives } from "./archives.ts";
export type { JournalContent, Update } from "./content.ts";
export type { FileSystem, OpenFile } from "./file-system.ts";
export { Journal, type JournalOptions } from "./journal.ts";
export { JournalError, type JournalErrorDetails, toJournalError } from "./journal-error.ts";
export { decodeLine, encodeLine, encodePaddedLine } from "./line.ts";
export { type Line, linesOf } from "./lines.ts";
export { nodeFileSystem } from "./node-file-system.ts";
export { PacedWriter } from "./paced-writer.ts";
export { type Processes, machineProcesses } from "./processes.ts";
export { type ContentFormat, FORMAT_VERSION, HEADER_BYTES } from "./segment-header.ts";
