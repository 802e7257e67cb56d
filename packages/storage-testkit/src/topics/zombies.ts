import { expectSame } from "../expect.ts";
import type { KitProcess } from "../process/kit-process.ts";
import type { Check, Rule } from "../rule.ts";
import type { RuleContext } from "../rule-context.ts";
import { LEASE_MS, enqueueOne, read, readResult } from "../steps.ts";

/**
 * A process claims a task, and is stopped. What it was told before it was stopped it hears only when it is woken:
 * whether another finished first is decided here, and not left to chance.
 */
async function stoppedHolder(context: RuleContext): Promise<{ a: KitProcess; b: KitProcess; id: string }> {
  const id = await enqueueOne(context.store, { id: "contested" });
  const [a, b] = (await context.spawnMany(2)) as [KitProcess, KitProcess];
  const [held] = await a.run("claim", { workerId: "a" });
  expectSame(held?.id, id, "the task that process A claimed");
  await a.stop();
  await context.advance(LEASE_MS);
  const [taken] = await b.run("claim", { workerId: "b" });
  expectSame(taken?.id, id, "the task that process B claimed, the lease of the stopped process A being over");
  return { a, b, id };
}

async function expectOutcomeOfB({ store }: RuleContext, id: string): Promise<void> {
  const { status, attempts, recoveries } = await read(store, id);
  expectSame(
    [status, attempts, recoveries],
    ["SUCCESS", 2, 1],
    "the task in the end: status, attempts, recoveries",
  );
  expectSame((await readResult(store, id)).value, "of B", "the result that stands");
  const { events } = await store.queryEvents({ taskId: id });
  const completions = events.filter(({ type }) => type === "completed");
  expectSame(
    completions.map(({ workerId }) => workerId),
    ["b"],
    "the workers of the completions recorded",
  );
}

const checks: readonly Check[] = [
  {
    name: "the holder wakes after another process has finished",
    needs: "multiProcess",
    door: "processes",
    async run(context) {
      const { a, b, id } = await stoppedHolder(context);
      const late = a.run("settle", { id, result: "of A" });
      expectSame(
        (await b.run("settle", { id, result: "of B" })).status,
        "settled",
        "the answer to process B",
      );
      a.wake();
      const answer = await late;
      expectSame(
        answer,
        { status: "lost", reason: "taken_over" },
        "the answer to process A, woken after B has finished",
      );
      expectSame(await a.run("renew", { id }), "lost taken_over", "the answer to A's renewal");
      await expectOutcomeOfB(context, id);
    },
  },
  {
    name: "the holder wakes while another process still runs the task",
    needs: "multiProcess",
    door: "processes",
    async run(context) {
      const { a, b, id } = await stoppedHolder(context);
      const late = a.run("settle", { id, result: "of A" });
      a.wake();
      expectSame(
        await late,
        { status: "lost", reason: "taken_over" },
        "the answer to process A, woken while B runs",
      );
      expectSame((await read(context.store, id)).status, "RUNNING", "the task while B runs");
      expectSame(await a.run("renew", { id }), "lost taken_over", "the answer to A's renewal");
      expectSame(await b.run("renew", { id }), "renewed", "the answer to B's renewal");
      expectSame(
        (await b.run("settle", { id, result: "of B" })).status,
        "settled",
        "the answer to process B",
      );
      await expectOutcomeOfB(context, id);
    },
  },
];

/** Rules about holders that are stopped and wake late. */
export const zombieRules: readonly Rule[] = [
  {
    id: "LSE-11",
    level: "capability",
    kinds: ["process"],
    since: "1.0",
    topic: "lease",
    statement:
      "SIGSTOP a holder past its lease, let B run and finish, SIGCONT: B's outcome stands; same when A wakes while B still " +
      "runs.",
    why: "A suspended laptop, a paused container or a long collection of garbage wakes and believes that it still holds its task.",
    capability: "multiProcess",
    checks,
  },
];
