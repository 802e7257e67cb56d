/** A file system in memory that knows what a crash may leave of it. */
export { type DiskState, ModelDisk } from "./model-disk.ts";
