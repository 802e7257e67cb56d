import type { BaseStorage, ClaimedTask } from "@omniq/core/storage";
import { expectSame } from "../expect.ts";
import type { Rule } from "../rule.ts";
import type { RuleContext } from "../rule-context.ts";
import { LEASE_MS, claim, complete, read, renew, settle, settled, started } from "../steps.ts";

/** The rule about holders and rescuers that come at one moment. */
export const leaseRaceRules: readonly Rule[] = [
  {
    id: "LSE-9",
    level: "required",
    kinds: ["race"],
    since: "1.0",
    topic: "lease",
    statement:
      "Recovery is a compare-and-set on (token, expired): if the holder finishes between scan and recovery the task " +
      "stays finished (River #1302, Solid Queue #589).",
    why: "A rescue that overwrites a finished task runs it again, for nothing or worse.",
    checks: [
      {
        name: "the holder finishes while another claims",
        async run(context) {
          const [finisher, rescuer] = context.connectMany(2) as [BaseStorage, BaseStorage];
          for (let round = 0; round < 50; round++) await raceOnce(context, finisher, rescuer, round);
        },
      },
      {
        name: "the holder renews while another claims",
        async run(context) {
          const [holderSide, rescuer] = context.connectMany(2) as [BaseStorage, BaseStorage];
          for (let round = 0; round < 50; round++) {
            const task = await started(context.store);
            await context.advance(LEASE_MS);
            const [answer, taken] = await Promise.all([renew(holderSide, task), claim(rescuer)]);
            expectSame(
              [answer.status, taken.length],
              taken.length === 1 ? ["lost", 1] : ["renewed", 0],
              "renew and take-over",
            );
            await context.store.deleteTask(task.record.id, { force: true });
          }
        },
      },
    ],
  },
];

async function raceOnce(
  context: RuleContext,
  finisher: BaseStorage,
  rescuer: BaseStorage,
  round: number,
): Promise<void> {
  const task = await started(context.store);
  await context.advance(LEASE_MS);
  const race = [() => settle(finisher, task, complete(round)), () => claim(rescuer, { limit: 5 })] as const;
  // Who begins alternates, so that neither side is always first in the store.
  const second = round % 2 === 0 ? null : race[1]();
  const [answer, taken] = await Promise.all([race[0](), second ?? race[1]()]);
  if (answer.status === "settled") {
    expectSame(taken.length, 0, "tasks taken over although the holder was told settled");
    const { status, recoveries } = await read(context.store, task.record.id);
    expectSame(
      { status, recoveries },
      { status: "SUCCESS", recoveries: 0 },
      "the task that its holder finished",
    );
  } else {
    expectSame(answer, { status: "lost", reason: "taken_over" }, "the answer to the holder that came second");
    expectSame(taken.length, 1, "tasks taken over although the holder was told lost");
    await settled(rescuer, taken[0] as ClaimedTask, complete());
  }
}
