import { expectRejection, expectSame, expectThat } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { claim, complete, enqueue, idsOf, listAll, settled } from "../steps.ts";

/** Rules about records that something has damaged. */
export const corruptRules: readonly Rule[] = [
  {
    id: "GET-4",
    level: "required",
    kinds: ["fault"],
    since: "1.0",
    topic: "getTask",
    statement:
      "A corrupt record rejects `CorruptRecordError` naming the id; all other tasks stay readable and claimable.",
    why: "One bad record must not stand in the way of ten thousand good ones.",
    checks: [
      {
        name: "the middle one of three tasks is damaged",
        door: "corrupt",
        async run(context) {
          const { store } = context;
          await enqueue(store, { id: "first" }, { id: "damaged" }, { id: "last" });
          await context.place.corrupt?.("damaged");
          const reader = context.connect();
          const error = await expectRejection(
            reader.getTask("damaged"),
            { name: "CorruptRecordError", code: "corrupt_record" },
            "getTask of a damaged record",
          );
          expectThat(
            error.message.includes("damaged"),
            `the error does not name the record: ${error.message}`,
          );
          for (const id of ["first", "last"])
            expectSame((await reader.getTask(id))?.id, id, "the task beside it, read");
          const listed = (await listAll(reader)).map(({ id }) => id).filter((id) => id !== "damaged");
          expectSame(listed, ["first", "last"], "the tasks beside it, listed");
          const tasks = (await claim(reader, { limit: 10 })).filter(({ record }) => record.id !== "damaged");
          expectSame(idsOf(tasks), ["first", "last"], "the tasks beside it, claimed");
          for (const task of tasks) await settled(reader, task, complete());
          await expectClaimable(reader);
        },
      },
    ],
  },
];

async function expectClaimable(store: Parameters<typeof claim>[0]): Promise<void> {
  await enqueue(store, { id: "new" });
  const found = idsOf(await claim(store, { limit: 10 }));
  expectThat(
    found.includes("new"),
    `a claim after the damage returned ${JSON.stringify(found)}, without the new task`,
  );
}
