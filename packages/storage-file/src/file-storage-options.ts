import type { DurationInput, StorageError } from "@omniq/core";
import {
  BASE_STORAGE_OPTIONS,
  type BaseStorageOptions,
  baseFolder,
  checkInteger,
  checkBoolean,
  checkFunction,
  checkOptions,
  checkText,
} from "@omniq/core/storage";
import type { FileSystem } from "@omniq/journal";

export interface FileStorageOptions extends BaseStorageOptions {
  /** The folder; it is created where it is missing. Default `./omniq_data/journal`. */
  readonly folder?: string;
  /** How long a call waits for the lock that another process holds. Default `"10s"`. */
  readonly lockTimeout?: DurationInput;
  /** How long the holder of the lock may stand still before others go on without it. Default `"3s"`. */
  readonly stallLimit?: DurationInput;
  /** Whether to trust the links and syncs of a network file system. Default false: it is refused. */
  readonly allowNetworkFileSystem?: boolean;
  /** Told of each record that cannot be read, once whenever it is come across. Default: a warning of the process. */
  readonly onDamage?: (error: StorageError) => void;
  /**
   * The journal is rewritten once so many bytes of it are out of date, and half of it; or once it has grown by four times as
   * many. Default 32 MiB.
   */
  readonly checkpointBytes?: number;
  /** Finished tasks beyond so many move from memory into archives, so many at a time. Default 10,000. */
  readonly archiveAfter?: number;
  /** Where the files are. Default: the machine's own file system. */
  readonly fileSystem?: FileSystem;
}

const OPTIONS = [
  ...BASE_STORAGE_OPTIONS,
  "folder",
  "lockTimeout",
  "stallLimit",
  "allowNetworkFileSystem",
  "onDamage",
  "checkpointBytes",
  "archiveAfter",
  "fileSystem",
];

/** @throws ValidationError `unknown_option`, `invalid_checkpoint_bytes`, `invalid_archive_after` */
export function checkFileStorageOptions(options: FileStorageOptions): void {
  checkOptions(options, OPTIONS, "FileStorage");
  const { folder, checkpointBytes, archiveAfter, allowNetworkFileSystem, onDamage } = options;
  if (folder !== undefined) checkText(folder, "folder", 4096);
  if (allowNetworkFileSystem !== undefined) checkBoolean(allowNetworkFileSystem, "allowNetworkFileSystem");
  if (onDamage !== undefined) checkFunction(onDamage, "onDamage");
  if (checkpointBytes !== undefined)
    checkInteger(checkpointBytes, "checkpointBytes", 1, Number.MAX_SAFE_INTEGER);
  if (archiveAfter !== undefined) checkInteger(archiveAfter, "archiveAfter", 0, Number.MAX_SAFE_INTEGER);
}

/** The folder where none is given. */
export function defaultFolder(): string {
  return `${baseFolder()}/journal`;
}
