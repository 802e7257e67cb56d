import type { Place, StorageHarness } from "./harness.ts";

/** What only some harnesses have: a way to do, or to see, what cannot be done through the contract. */
export type Door =
  | "processes"
  | "claimWork"
  | "corrupt"
  | "transactions"
  | "files"
  | "syncs"
  | "server"
  | "ownServer"
  | "format";

const NEEDED: Readonly<Record<Door, (harness: StorageHarness, place: Place) => boolean>> = {
  processes: ({ module }) => module !== undefined,
  claimWork: (_, place) => place.claimWork !== undefined || place.claimPlan !== undefined,
  corrupt: (_, place) => place.corrupt !== undefined,
  transactions: (_, place) => place.begin !== undefined,
  files: ({ module }, { files }) => module !== undefined && files !== undefined,
  syncs: ({ module }, { files, syncSettings }) =>
    syncSettings !== undefined || (module !== undefined && files !== undefined),
  server: (_, { server }) => server !== undefined,
  ownServer: ({ module }, { server }) =>
    module !== undefined && server?.kill !== undefined && server.start !== undefined,
  format: (_, { format }) => format !== undefined,
};

/** What the harness of an adapter would have to give, for a message. */
const MEMBERS: Readonly<Record<Door, string>> = {
  processes: "module",
  claimWork: "claimWork() or claimPlan()",
  corrupt: "corrupt()",
  transactions: "begin()",
  files: "module and files",
  syncs: "files, or syncSettings",
  server: "server",
  ownServer: "module, and a server with kill() and start()",
  format: "format",
};

/** Says what a door lacks; null where it is there. */
export function lacking(door: Door, harness: StorageHarness, place: Place): string | null {
  return NEEDED[door](harness, place) ? null : `the harness of ${harness.name} gives no ${MEMBERS[door]}`;
}

/** Thrown by a check that finds that it cannot look, on this machine or at this place: nothing is known then. */
export class Untested extends Error {
  override readonly name = "Untested";
}
