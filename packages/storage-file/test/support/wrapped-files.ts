import { type FileSystem, type OpenFile, nodeFileSystem } from "@omniq/journal";

/** The machine's files, with something done before each write and sync, or after it. */
export function wrappedFiles(around: {
  beforeWrite?(bytes: Buffer, path: string): void;
  afterWrite?(bytes: Buffer, path: string): void;
  beforeSync?(path: string): void;
  afterSync?(path: string): void;
}): FileSystem {
  const wrap = (file: OpenFile, path: string): OpenFile => ({
    look: () => file.look(),
    read: (position, length) => file.read(position, length),
    write(bytes, position) {
      around.beforeWrite?.(bytes, path);
      file.write(bytes, position);
      around.afterWrite?.(bytes, path);
    },
    truncate: (size) => file.truncate(size),
    async sync() {
      around.beforeSync?.(path);
      await file.sync();
      around.afterSync?.(path);
    },
    close: () => file.close(),
  });
  return {
    ...nodeFileSystem,
    create: (path) => wrap(nodeFileSystem.create(path), path),
    open(path) {
      const file = nodeFileSystem.open(path);
      return file && wrap(file, path);
    },
  };
}
