import type { BaseStorage } from "@omniq/core/storage";
import { expectThat } from "../expect.ts";
import type { Rule } from "../rule.ts";
import type { RuleContext } from "../rule-context.ts";
import { complete, enqueueOne, fail, newTask, settle, started } from "../steps.ts";

/** Long enough that it is found nowhere by chance. */
const CANARY = "canary-5f1d2c8e";

/** Calls that are refused, the canary being in what the application gave. */
const REFUSED: Readonly<Record<string, (context: RuleContext) => Promise<unknown>>> = {
  "other content under a used id": async ({ store }) => {
    await enqueueOne(store, { id: "twice", payload: { secret: `${CANARY} 1` } });
    return store.enqueue({ groups: [[newTask({ id: "twice", payload: { secret: CANARY } })]] });
  },
  "a payload that JSON cannot hold": ({ store }) =>
    store.enqueue({ groups: [[newTask({ payload: { secret: CANARY, cannot: 5n } })]] }),
  "a payload that is too large": ({ store, capabilities }) =>
    store.enqueue({ groups: [[newTask({ payload: CANARY + "x".repeat(capabilities.maxPayloadBytes) })]] }),
  "a result that JSON cannot hold": async ({ store }) =>
    settle(
      store,
      await started(store, { payload: { secret: CANARY } }),
      complete({ secret: CANARY, cannot: 5n }),
    ),
  "an outcome of a task that was taken over": async (context) => {
    const { store } = context;
    const task = await started(store, { queue: "lost", payload: { secret: CANARY } });
    await store.cancel(task.record.id);
    return settle(store, task, fail(CANARY));
  },
  "a damaged record": async (context) => {
    await enqueueOne(context.store, { id: "damaged", payload: { secret: CANARY } });
    if (!context.place.corrupt) return null;
    await context.place.corrupt("damaged");
    return context.connect().getTask("damaged");
  },
  "an unknown task": ({ store }) => store.reschedule("unknown", new Date(0)),
  "a closed store": async (context) => {
    const closed: BaseStorage = context.connect();
    await closed.close();
    return closed.enqueue({ groups: [[newTask({ payload: { secret: CANARY } })]] });
  },
};

/** Rules about what errors and logs must not tell. */
export const secretRules: readonly Rule[] = [
  {
    id: "ERR-5",
    level: "required",
    kinds: ["audit"],
    since: "1.0",
    topic: "errors",
    statement: "No credentials or payload in error messages or default logs (canary search).",
    why: "Error messages and logs are kept for years, in places that were never meant for what a payload holds.",
    checks: Object.entries(REFUSED).map(([what, call]) => ({
      name: what,
      async run(context: RuleContext) {
        const told: string[] = [];
        const listen = (warning: Error): void => void told.push(`a warning: ${warning.message}`);
        process.on("warning", listen);
        const written = await writtenDuring(async () => {
          told.push(...messagesIn(await call(context).catch((error: unknown) => error)));
        });
        process.off("warning", listen);
        told.push(...written.map((text) => `written to the standard output or error: ${text}`));
        const leak = told.find((text) => text.includes(CANARY));
        expectThat(leak === undefined, `${what} was told with what was in it: ${leak}`);
      },
    })),
  },
];

/** The messages of all errors in what a call has answered or thrown, causes included. */
function messagesIn(value: unknown): string[] {
  if (value instanceof Error) return [`${value.name}: ${value.message}`, ...messagesIn(value.cause)];
  // What the store answers of a task may hold what the task holds; an error in an answer may not.
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => (key === "outcome" ? [] : messagesIn(member)));
}

/** What is written to the standard streams meanwhile. */
async function writtenDuring(work: () => Promise<void>): Promise<string[]> {
  const written: string[] = [];
  const streams = [process.stdout, process.stderr] as const;
  const originals = streams.map((stream) => stream.write.bind(stream));
  for (const [index, stream] of streams.entries()) {
    stream.write = ((...args: Parameters<typeof stream.write>) => {
      written.push(String(args[0]));
      return originals[index]?.(...args) ?? true;
    }) as typeof stream.write;
  }
  try {
    await work();
  } finally {
    for (const [index, stream] of streams.entries()) stream.write = originals[index] as typeof stream.write;
  }
  return written;
}
