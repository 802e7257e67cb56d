import type { BaseStorage } from "@omniq/core/storage";
import type { EventLevel } from "@omniq/core";
import { expectSame } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { claimOne, enqueueOne, release, settled } from "../steps.ts";
import { tellStory } from "./event-stories.ts";

/** The rule about how much is written down. */
export const eventLevelRules: readonly Rule[] = [
  {
    id: "EVT-4",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "events",
    statement:
      "Event level all, errors (default: failures, retries, cancels, lost leases) or off is honoured.",
    why: "Events nobody asked for fill the disk; those asked for and left out cannot be had later.",
    checks: [
      {
        name: "each level keeps what it says",
        async run(context) {
          const levels: readonly (readonly [EventLevel, readonly string[] | null])[] = [
            ["all", null],
            ["errors", ["failed", "retried", "cancelled", "lease_lost"]],
            ["off", []],
          ];
          for (const [level, kept] of levels) {
            const there = await context.beside();
            const store = there.connect({ events: level });
            const story = await tellStory(there, store);
            for (const [id, types] of Object.entries(story)) {
              const { events } = await store.queryEvents({ taskId: id, limit: 1000 });
              expectSame(
                events.map(({ type }) => type),
                types.filter((type) => kept?.includes(type) ?? true),
                `the events of ${id} at level ${level}`,
              );
            }
          }
        },
      },
      {
        name: "the default is errors",
        async run(context) {
          const store = context.connectByDefault();
          expectSame(store.eventLevel, "errors", "the level of a store that was told none");
          await enqueueOne(store, { id: "one" });
          await settled(store, await claimOne(store), release);
          await store.cancel("one");
          expectSame(await typesOf(store, "one"), ["cancelled"], "the events kept by default");
        },
      },
    ],
  },
];

async function typesOf(store: BaseStorage, taskId: string): Promise<readonly string[]> {
  return (await store.queryEvents({ taskId })).events.map(({ type }) => type);
}
