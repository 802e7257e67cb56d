import { AssertionError } from "node:assert/strict";
import { type Call, type CallLine, callsOf } from "../linear/call.ts";
import { explain, tell } from "../linear/check.ts";
import { type ClientOptions, runClient } from "../linear/client.ts";
import { expectThat } from "../expect.ts";
import { interceptHook } from "../hooks.ts";
import type { HistoryOrder } from "../process/history-main.ts";
import { Program } from "../process/program.ts";
import type { Rule } from "../rule.ts";
import type { RuleContext } from "../rule-context.ts";
import { enqueue } from "../steps.ts";

const CLIENTS = 4;
const CALLS = 60;
const ROUNDS = 5;
const TASKS = ["a", "b", "c", "d"];

/** Rules about what concurrent calls come to. */
export const linearizableRules: readonly Rule[] = [
  {
    id: "FIN-8",
    level: "required",
    kinds: ["race", "process"],
    since: "1.0",
    topic: "finish",
    statement:
      "Calls on one task are linearizable: the answers that concurrent calls were given are those of some order in which " +
      "each took effect at once, between its begin and its end; a call that was never answered took effect at any time " +
      "since, or never. Without strictOrder a claim may pass by a task that another call is changing.",
    why: "Where no order explains the answers, two clients were told what cannot both be true.",
    checks: [
      {
        name: "histories of 4 instances in one process",
        run: (context) =>
          inRounds(context, async (place, options) => {
            const lines: CallLine[] = [];
            await Promise.all(
              options.map((each) => runClient(place.connect(), each, (line) => lines.push(line))),
            );
            return lines;
          }),
      },
      {
        name: "histories in which answers are lost after the store has acted",
        run: (context) =>
          inRounds(context, async (place, options) => {
            const lines: CallLine[] = [];
            await Promise.all(
              options.map((each) => runClient(forgetful(place), each, (line) => lines.push(line))),
            );
            return lines;
          }),
      },
      {
        name: "histories of 4 processes, one of which is killed on its way",
        needs: "multiProcess",
        door: "processes",
        run: (context) =>
          inRounds(
            context,
            async (place, options) => {
              const programs = options.map((each): Program => {
                const order: HistoryOrder = { ...place.start(), ...each };
                return new Program("history-main", order);
              });
              const [killed] = programs;
              await killed?.told(CALLS / 2);
              await killed?.kill();
              for (const program of programs.slice(1)) {
                const { code, errors } = await program.ended;
                expectThat(code === 0, `a process that makes calls ended with ${code}: ${errors}`);
              }
              return programs.flatMap(({ lines }) => lines.map((line) => JSON.parse(line) as CallLine));
            },
            2,
          ),
      },
    ],
  },
];

/** An instance that forgets every fifth answer of a hook that changes something. */
function forgetful(context: RuleContext): ReturnType<RuleContext["connect"]> {
  const store = context.connect();
  let calls = 0;
  for (const hook of ["doWrite", "doDequeue", "doRenew"] as const) {
    interceptHook(store, hook, async (args, original) => {
      const answer = await original(...args);
      if (++calls % 5 === 0) throw new Error("the answer was lost");
      return answer;
    });
  }
  return store;
}

/** Records history after history, each on a fresh place, and looks for an order that explains it. */
async function inRounds(
  context: RuleContext,
  record: (place: RuleContext, options: readonly ClientOptions[]) => Promise<readonly CallLine[]>,
  rounds = ROUNDS,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const place = await context.beside();
    await enqueue(place.store, ...TASKS.map((id) => ({ id, queue: id })));
    const clients = Array.from({ length: CLIENTS }, (_, index): ClientOptions => {
      const seed = context.seed * 1000 + round * CLIENTS + index;
      return { client: `client ${index + 1}`, seed, tasks: TASKS, calls: CALLS };
    });
    const calls = callsOf(await record(place, clients));
    for (const task of TASKS)
      expectOrder(
        calls.filter((call) => call.task === task),
        task,
        context.capabilities.strictOrder,
      );
    await context.leave(place);
  }
}

function expectOrder(calls: readonly Call[], task: string, strictClaims: boolean): void {
  const explained = explain(calls, { strictClaims });
  if (explained === null) return;
  const origin = Math.min(...calls.map(({ begin }) => begin));
  const next = calls.filter((call) => !explained.includes(call)).toSorted((a, b) => a.begin - b.begin);
  throw new AssertionError({
    message:
      `no order of the ${calls.length} calls on task ${task} explains their answers. It can go: ` +
      `${explained
        .slice(-6)
        .map((call) => tell(call, origin))
        .join("; ")}; and then none of: ` +
      next
        .slice(0, 4)
        .map((call) => tell(call, origin))
        .join("; "),
  });
}
