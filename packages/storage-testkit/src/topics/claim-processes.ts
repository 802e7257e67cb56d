import { expectSame } from "../expect.ts";
import type { Check } from "../rule.ts";
import { countOf, enqueueMany } from "../steps.ts";

/** CLM-3 between processes that claim and complete as fast as they can. */
export const claimersInProcesses: Check = {
  name: "8 claimers, each a process of its own",
  needs: "multiProcess",
  door: "processes",
  async run(context) {
    const ids: string[] = [];
    for (let batch = 0; batch < 4; batch++) ids.push(...(await enqueueMany(context.store, 500)));
    const processes = await context.spawnMany(8);
    const drains = await Promise.all(
      processes.map((process, index) =>
        process.run("drain", { workerId: `claimer ${index}`, limit: 1 + 3 * index }),
      ),
    );
    const pairs = drains.flatMap(({ claimed }) => claimed.map(({ id, token }) => `${id} ${token}`));
    expectSame(
      pairs.length - new Set(pairs).size,
      0,
      "(task, token) pairs handed out twice between processes",
    );
    const handedOut = drains.flatMap(({ claimed }) => claimed.map(({ id }) => id));
    expectSame(handedOut.toSorted(), ids.toSorted(), "the union of all tasks handed out to 8 processes");
    expectSame(
      drains.flatMap(({ refused }) => refused),
      [],
      "settlements refused, each task having one holder",
    );
    expectSame(await countOf(context.store, "SUCCESS"), 2000, "tasks completed");
    const { events } = await context.store.queryEvents({ type: "completed", limit: 1000 });
    expectSame(
      new Set(events.map(({ taskId }) => taskId)).size,
      events.length,
      "tasks that have a completed event, as against events",
    );
  },
};
