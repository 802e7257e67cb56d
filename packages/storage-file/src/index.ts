export { createStorage } from "./create-storage.ts";
export { FileStorage } from "./file-storage.ts";
export type { FileStorageOptions } from "./file-storage-options.ts";
