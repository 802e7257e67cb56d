import type { EnqueueItem, OmniQ } from "@omniq/core";
import type { InputFile } from "./files.ts";
import { HEARTBEAT_ID, flaky, hopeless, measure, slow, urgent } from "./tasks.ts";

export const URGENT_RANKS = [1, 2, 3, 4, 5] as const;

/** The id of a file's task: the same file, unchanged, is one task however often the quickstart runs. */
export function measureId({ path, version }: InputFile): string {
  return `measure:${path}@${version}`;
}

/** Enqueues all that the quickstart does. What is there already, from a run before, is left as it is. */
export async function enqueueAll(omniq: OmniQ, files: readonly InputFile[]): Promise<void> {
  const items: EnqueueItem[] = [
    { task: flaky, payload: null, options: { id: "flaky" } },
    { task: hopeless, payload: null, options: { id: "hopeless" } },
    { task: slow, payload: null, options: { id: "slow" } },
    ...URGENT_RANKS.map((rank) => ({
      task: urgent,
      payload: { rank },
      options: { id: `urgent:${rank}`, priority: rank },
    })),
    ...files.map((file) => ({
      task: measure,
      payload: { path: file.path },
      options: { id: measureId(file) },
    })),
  ];
  await omniq.enqueueMany(items);
  if (!(await omniq.getTask(HEARTBEAT_ID))) {
    await omniq.enqueue("heartbeat", null, { id: HEARTBEAT_ID, interval: "500ms" });
  }
}
