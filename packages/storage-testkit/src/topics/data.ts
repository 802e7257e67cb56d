import { expectSame } from "../expect.ts";
import type { Rule } from "../rule.ts";
import {
  claimOne,
  complete,
  countOf,
  enqueueOne,
  listAll,
  newTask,
  offer,
  read,
  readResult,
  settled,
  started,
} from "../steps.ts";
import { CORPUS, HOSTILE_NAMES, HOSTILE_OBJECTS } from "./corpus.ts";

/** Rules about keeping what is given exactly as it is. */
export const dataRules: readonly Rule[] = [
  {
    id: "DAT-1",
    level: "required",
    kinds: ["model"],
    since: "1.0",
    topic: "data",
    statement:
      'Corpus round trip: `[]`, `{}`, depth 100, astral chars, `"\\u0000"`, lone surrogate, 2^53 ± 1, 1e308, numeric-like ' +
      "keys, 18-digit integers as strings, 1 MiB; key order kept.",
    why: "Stores that decode what they are given round numbers, reorder keys and turn [] into {}.",
    checks: [
      {
        name: "payloads and results",
        async run(context) {
          const { store } = context;
          const other = context.connect();
          for (const [what, value] of CORPUS) {
            const task = await started(store, { payload: value });
            expectSame(
              JSON.stringify(store.decodePayload(task.record)),
              JSON.stringify(value),
              `the payload claimed: ${what}`,
            );
            await settled(store, task, complete(value));
            const { payload } = await read(other, task.record.id);
            expectSame(payload, value, `the payload of getTask: ${what}`);
            expectSame(
              JSON.stringify(payload),
              JSON.stringify(value),
              `the order of keys in the payload: ${what}`,
            );
            const result = await readResult(other, task.record.id);
            expectSame(result.value, value, `the result: ${what}`);
            expectSame(
              JSON.stringify(result.value),
              JSON.stringify(value),
              `the order of keys in the result: ${what}`,
            );
          }
        },
      },
      {
        name: "headers, names and keys",
        async run(context) {
          for (const [index, text] of HOSTILE_NAMES.entries()) {
            const given = {
              id: `task ${index}`,
              name: text,
              concurrencyKey: text,
              dedupe: { key: text },
              headers: { [text]: text },
            };
            await enqueueOne(context.store, given);
            const { name, concurrencyKey, dedupeKey, headers } = await read(context.connect(), given.id);
            expectSame(
              { name, concurrencyKey, dedupeKey, headers },
              { name: text, concurrencyKey: text, dedupeKey: text, headers: { [text]: text } },
              "the task",
            );
          }
        },
      },
    ],
  },
  {
    id: "DAT-2",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "data",
    statement:
      "Own keys `__proto__`, `constructor`, `prototype` survive as data and `Object.prototype` is untouched.",
    why: "A payload merged into an object can take over every object of the process.",
    checks: [
      {
        name: "in payloads, results and headers",
        async run({ store }) {
          for (const text of HOSTILE_OBJECTS) {
            const value: unknown = JSON.parse(text);
            const headers = JSON.parse(`{"__proto__":"p","constructor":"c","prototype":"q"}`) as Record<
              string,
              string
            >;
            const task = await started(store, { payload: value, headers });
            await settled(store, task, complete(value));
            const found = await read(store, task.record.id);
            expectSame(JSON.stringify(found.payload), text, "the payload");
            expectSame(JSON.stringify((await readResult(store, task.record.id)).value), text, "the result");
            expectSame(sortedEntries(found.headers), sortedEntries(headers), "the headers");
            const polluted = ["polluted", "p", "c", "q"].filter((key) => key in {});
            expectSame(polluted, [], "members that every object of this process now has");
          }
        },
      },
    ],
  },
  {
    id: "DAT-3",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "data",
    statement:
      "Hostile ids (`../x`, `/etc/x`, `a/b`, `.`, `CON`, 255 bytes, `A`/`a`, NFC/NFD pair, `*?[`, `%_`, quotes, newline) " +
      "stay distinct; nothing is created outside the root/prefix.",
    why: "An id that names a file, a pattern or a piece of SQL reaches what is not its own.",
    checks: [
      {
        name: "as ids of tasks",
        async run(context) {
          const { store } = context;
          for (const id of HOSTILE_NAMES) await enqueueOne(store, { id, payload: id });
          const other = context.connect();
          for (const id of HOSTILE_NAMES)
            expectSame((await read(other, id)).payload, id, `the payload of the task ${JSON.stringify(id)}`);
          expectSame(
            (await listAll(store)).map(({ id }) => id),
            [...HOSTILE_NAMES],
            "the ids that listTasks names",
          );
          for (const id of HOSTILE_NAMES) {
            expectSame(
              (await offer(store, newTask({ id, payload: id }))).status,
              "existing",
              `the answer to ${JSON.stringify(id)} again`,
            );
            const task = await claimOne(store);
            expectSame(task.record.id, id, "the id that dequeue returned");
            await settled(store, task, complete(id));
          }
          for (const id of HOSTILE_NAMES)
            expectSame((await readResult(other, id)).value, id, `the result of ${JSON.stringify(id)}`);
          for (const [index, id] of HOSTILE_NAMES.entries()) {
            await store.deleteTask(id);
            expectSame(
              await countOf(store),
              HOSTILE_NAMES.length - index - 1,
              `tasks left once ${JSON.stringify(id)} was deleted`,
            );
          }
        },
      },
      {
        name: "as names of queues",
        async run({ store }) {
          for (const queue of HOSTILE_NAMES) await enqueueOne(store, { queue, payload: queue });
          expectSame(
            (await store.listQueues()).map(({ name }) => name).toSorted(),
            HOSTILE_NAMES.toSorted(),
            "the queues",
          );
          for (const queue of HOSTILE_NAMES) {
            const { record } = await claimOne(store, { queue });
            expectSame(store.decodePayload(record), queue, `the task of the queue ${JSON.stringify(queue)}`);
          }
        },
      },
    ],
  },
];

/** As text, so that no key of the object is looked up by name. */
function sortedEntries(of: Readonly<Record<string, string>>): string[] {
  return Object.entries(of)
    .map(([key, value]) => JSON.stringify([key, value]))
    .toSorted();
}
