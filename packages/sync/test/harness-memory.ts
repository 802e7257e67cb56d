import type { StorageHarness } from "@omniq/storage-testkit";
import { StorageSync, Thread } from "@omniq/sync";
import { OBJECT_ID } from "../src/thread.ts";
import { promising } from "./support/promising.ts";

const module = new URL("./support/memory-adapter.ts", import.meta.url);
/** All places are in one thread: memory is shared by nobody else. */
const thread = new Thread(60_000);
let places = 0;

/** Memory, every call of it blocking. */
export const harness: StorageHarness<string> = {
  name: "memory through @omniq/sync",
  async setUp() {
    const url = `memory:${++places}`;
    const place = new StorageSync({ module, url, thread });
    return {
      config: url,
      claimWork: () => thread.call(place[OBJECT_ID], "claimWork", []) as number,
      corrupt: async (taskId) => void thread.call(place[OBJECT_ID], "corrupt", [taskId]),
      cleanUp: async () => place.close(),
    };
  },
  connect: (url, options) => promising(new StorageSync({ module, url, thread, ...options })),
};
