import { expectSame, expectThat } from "../expect.ts";
import type { Rule } from "../rule.ts";
import {
  LEASE_MS,
  claim,
  claimOne,
  complete,
  countOf,
  enqueueOne,
  newTask,
  read,
  readResult,
  settle,
} from "../steps.ts";
import { untilAnswered } from "../wire/answered.ts";
import { expectLosses, wired, withEachReplyLost } from "./wire.ts";

/** Rules about calls whose replies are lost on the wire. */
export const lostReplyRules: readonly Rule[] = [
  {
    id: "ENQ-5",
    level: "capability",
    kinds: ["fault"],
    since: "1.0",
    topic: "enqueue",
    statement:
      "If the reply is lost after the server applied it, retrying the same request leaves exactly one task.",
    why: "Drivers send again what was not answered, and so do people.",
    capability: "remote",
    checks: [
      {
        name: "each reply of one enqueue lost in turn",
        needs: "remote",
        door: "server",
        async run(context) {
          const wire = await wired(context);
          const replies = await withEachReplyLost(wire, async (round) => {
            const id = `task ${round}`;
            const request = { groups: [[newTask({ id, payload: { round } })]] };
            const { groups } = await untilAnswered("enqueue", () => wire.store.enqueue(request));
            const status = groups[0]?.[0]?.status;
            expectThat(
              status === "created" || status === "existing",
              `enqueue tried again answered ${status}`,
            );
            expectSame(
              await countOf(context.store),
              round,
              `tasks stored after ${round} requests, each of whose replies was lost`,
            );
            const { events } = await context.store.queryEvents({ taskId: id });
            expectSame(
              events.map(({ type }) => type),
              ["enqueued"],
              "the events of the task",
            );
          });
          expectLosses(replies, "enqueue");
        },
      },
    ],
  },
  {
    id: "CLM-8",
    level: "capability",
    kinds: ["fault"],
    since: "1.0",
    topic: "claim",
    statement:
      "A claim whose reply is lost is claimable again after the lease, never lost; attempts counts each hand-out once.",
    why: "A task that was handed to nobody must not stay handed out.",
    capability: "remote",
    checks: [
      {
        name: "each reply of one claim lost in turn",
        needs: "remote",
        door: "server",
        async run(context) {
          const wire = await wired(context);
          const replies = await withEachReplyLost(wire, async (round) => {
            const queue = `queue ${round}`;
            const id = await enqueueOne(context.store, { queue });
            await claim(wire.store, { queue }).catch(() => null);
            await context.advance(LEASE_MS);
            // The claim that was not answered may have been made, or not, or be made once more by the driver.
            const task = await claimOne(context.store, { queue });
            expectSame(
              task.record.id,
              id,
              "the task claimed after the lease of a claim that nobody heard of",
            );
            const { attempts, recoveries } = await read(context.store, id);
            expectSame(
              attempts,
              recoveries + 1,
              "attempts, as against claims that were handed out or lapsed",
            );
            const { events } = await context.store.queryEvents({ taskId: id });
            const handedOut = events.filter(({ type }) => type === "started" || type === "lease_lost").length;
            expectSame(attempts, handedOut, "attempts, as against events of claims");
            expectSame(
              (await settle(context.store, task, complete())).status,
              "settled",
              "the answer to its holder",
            );
          });
          expectLosses(replies, "dequeue");
        },
      },
      {
        name: "each reply of one settlement lost in turn",
        needs: "remote",
        door: "server",
        async run(context) {
          const wire = await wired(context);
          const replies = await withEachReplyLost(wire, async (round) => {
            const queue = `queue ${round}`;
            const id = await enqueueOne(context.store, { queue });
            const task = await claimOne(context.store, { queue });
            const answer = await untilAnswered("settle", () => settle(wire.store, task, complete("once")));
            expectThat(
              answer.status === "settled" || answer.status === "repeated",
              `the same settlement tried again answered ${answer.status}`,
            );
            expectSame((await read(context.store, id)).status, "SUCCESS", "the task");
            expectSame((await readResult(context.store, id)).value, "once", "its result");
            const { events } = await context.store.queryEvents({ taskId: id, type: "completed" });
            expectSame(events.length, 1, "completions recorded");
          });
          expectLosses(replies, "settle");
        },
      },
    ],
  },
];
