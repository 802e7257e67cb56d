import type { EnqueueAnswer, NewTask } from "@omniq/core/storage";
import { expectSame } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { enqueueOne, listAll, newTask } from "../steps.ts";

/** Rules about groups and about bad input. */
export const enqueueGroupRules: readonly Rule[] = [
  {
    id: "ENQ-6",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "enqueue",
    statement:
      "A group is all-or-nothing [batchAtomic], groups are independent, outcomes come in input order; one invalid " +
      "element of a group ⇒ none of that group stored, the others stand; an id twice in one call is created once.",
    why: "Half an order stored is worse than none, and one caller's mistake must not undo another's.",
    checks: [
      {
        name: "an invalid element refuses its group, and no other",
        async run({ store }) {
          const { groups } = await store.enqueue({
            groups: [[a("a1"), a("a2")], [a("b1"), a("b2", { priority: 1e9 }), a("b3")], [a("c1")]],
          });
          expectSame(answersOf(groups[0]), ["created a1", "created a2"], "the answers of the group before");
          expectSame(
            answersOf(groups[1]),
            ["group_refused", "invalid_priority", "group_refused"],
            "the answers of the group",
          );
          expectSame(answersOf(groups[2]), ["created c1"], "the answers of the group after");
          expectSame(await idsStored(store), ["a1", "a2", "c1"], "the tasks stored");
        },
      },
      {
        name: "an id that stands for other content refuses its group, and no other",
        needs: "batchAtomic",
        async run({ store }) {
          await enqueueOne(store, { id: "taken" });
          const { groups } = await store.enqueue({
            groups: [[a("a1")], [a("b1"), a("taken", { payload: "other" }), a("b3")], [a("c1")]],
          });
          expectSame(
            groups.map(answersOf),
            [["created a1"], ["group_refused", "duplicate_task", "group_refused"], ["created c1"]],
            "answers",
          );
          expectSame(await idsStored(store), ["a1", "c1", "taken"], "the tasks stored");
        },
      },
      {
        name: "of a group that was refused not even the queue is known",
        needs: "batchAtomic",
        async run({ store }) {
          await enqueueOne(store, { id: "taken" });
          await store.enqueue({
            groups: [[a("a1", { queue: "new" }), a("taken", { payload: "other" })], [a("b1")]],
          });
          const known = (await store.listQueues()).map(({ name }) => name);
          expectSame(known.includes("new"), false, "whether its queue is known");
        },
      },
      {
        name: "without batchAtomic, what was answered created is stored and nothing else is",
        without: "batchAtomic",
        async run({ store }) {
          await enqueueOne(store, { id: "taken" });
          const { groups } = await store.enqueue({
            groups: [[a("b1"), a("taken", { payload: "other" }), a("b3")]],
          });
          const created = (groups[0] ?? []).flatMap((answer) =>
            answer.status === "created" ? [answer.id] : [],
          );
          expectSame(await idsStored(store), [...created, "taken"].toSorted(), "the tasks stored");
        },
      },
      {
        name: "an id twice in one call is created once",
        async run({ store }) {
          const { groups } = await store.enqueue({ groups: [[a("x"), a("x")], [a("x")], [a("y"), a("x")]] });
          const answers = groups.map(answersOf);
          expectSame(
            answers,
            [["created x", "existing x"], ["existing x"], ["created y", "existing x"]],
            "the answers",
          );
          expectSame(await idsStored(store), ["x", "y"], "the tasks stored");
        },
      },
      {
        name: "an id twice in one group with different content refuses the group",
        needs: "batchAtomic",
        async run({ store }) {
          const { groups } = await store.enqueue({
            groups: [[a("x"), a("x", { payload: "other" })], [a("y")]],
          });
          expectSame(
            groups.map(answersOf),
            [["group_refused", "duplicate_task"], ["created y"]],
            "the answers",
          );
          expectSame(await idsStored(store), ["y"], "the tasks stored");
        },
      },
      {
        name: "an id twice in two groups with different content stands as the first has it",
        async run({ store }) {
          const { groups } = await store.enqueue({
            groups: [[a("x", { payload: 1 })], [a("x", { payload: 2 })]],
          });
          expectSame(groups.map(answersOf), [["created x"], ["duplicate_task"]], "the answers");
          expectSame((await store.getTask("x"))?.payload, 1, "the payload stored");
        },
      },
    ],
  },
];

function a(id: string, more: Partial<NewTask> = {}): NewTask {
  return newTask({ id, ...more });
}

function answersOf(answers: readonly EnqueueAnswer[] | undefined): string[] {
  return (answers ?? []).map((answer) => {
    if (answer.status !== "error") return `${answer.status} ${answer.id}`;
    return String((answer.error as { code?: unknown }).code);
  });
}

async function idsStored(store: Parameters<typeof listAll>[0]): Promise<string[]> {
  return (await listAll(store)).map(({ id }) => id).toSorted();
}
