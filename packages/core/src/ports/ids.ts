import { v7 } from "uuid";

/** Mints task and worker ids. Ids must be unique across processes and hosts. */
export type IdSource = () => string;

/** UUID version 7: unique anywhere, and in the order of minting within a process. */
export const uuidV7: IdSource = () => v7();
