import type { FileSystem } from "./file-system.ts";
import { JournalError } from "./journal-error.ts";

/** As statfs names them on Linux. Their links and syncs may not be what they are on a local disk. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x65735546, "FUSE"],
  [0x01021997, "9P"],
  [0x00c36400, "Ceph"],
  [0x5346414f, "AFS"],
  [0x73757245, "Coda"],
  [0x564c, "NCP"],
]);

/** @throws JournalError `network_file_system` */
export function refuseNetworkFileSystem(files: FileSystem, folder: string): void {
  const type = files.typeOf(folder);
  const name = type === null ? undefined : NETWORK_FILE_SYSTEMS.get(type >>> 0);
  if (name === undefined) return;
  throw new JournalError(
    "network_file_system",
    folder,
    `${folder} lies on ${name}, whose locks and syncs cannot be relied upon. Use a local disk, or allow it with ` +
      "allowNetworkFileSystem where you know that exclusive links are atomic and that fsync reaches the disk.",
  );
}
