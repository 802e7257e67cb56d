import { expectRejection, expectSame, expectThat, show } from "../expect.ts";
import type { Rule } from "../rule.ts";
import { snapshot } from "../snapshot.ts";
import { STATUSES, taskIn } from "../states.ts";
import { complete, countOf, fail, newTask, offer, read, readResult, settled, started } from "../steps.ts";

const DAY = 86_400_000;

/** Rules about how long results stay. */
export const resultExpiryRules: readonly Rule[] = [
  {
    id: "RES-2",
    level: "required",
    kinds: ["clock"],
    since: "1.0",
    topic: "results",
    statement:
      "Expiry is a stored instant judged by the contract clock (a native TTL is only a later backstop). Readable until " +
      "expiry − 1, absent at expiry, with or without a sweep; ttl none / 0 / negative behave as documented.",
    why: "A result that goes early fails its caller; one that stays until somebody sweeps is kept against its owner's word.",
    checks: [
      {
        name: "readable until one unit before its expiry, absent at it, swept or not",
        async run(context) {
          const unit = context.capabilities.timePrecisionMs;
          const ttlMs = 1000 * unit;
          for (const swept of [false, true]) {
            const { store } = context;
            const success = await started(store, { policies: { resultTtlMs: ttlMs } });
            await settled(store, success, complete("kept"));
            const failure = await started(store, { policies: { resultTtlMs: ttlMs } });
            await settled(store, failure, fail());
            const put = `put ${swept}`;
            await store.putResult({ taskId: put, run: 1, status: "SUCCESS", ttlMs });
            const ids = [success.record.id, failure.record.id, put];
            const expiresAt = new Date(context.now + ttlMs);
            await context.advance(ttlMs - unit);
            if (swept) expectSame(await store.purgeResults(), 0, "results purged one unit before expiry");
            for (const id of ids)
              expectSame((await readResult(context.connect(), id)).expiresAt, expiresAt, "expiresAt");
            await context.advance(unit);
            if (swept) expectSame(await store.purgeResults(), 3, "results purged at their expiry");
            for (const id of ids) {
              expectSame(await store.getResult(id), null, "getResult at the expiry");
              expectSame(await store.getResult(id, { run: 1 }), null, "getResult of run 1 at the expiry");
            }
            if (!swept) expectSame(await store.purgeResults(), 3, "results purged afterwards");
          }
        },
      },
      {
        name: "a day by default, for ever with none, not at all with 0, refused if negative",
        async run(context) {
          const { store } = context;
          const byDefault = await started(store);
          await settled(store, byDefault, complete());
          const { expiresAt } = await readResult(store, byDefault.record.id);
          expectSame(expiresAt, new Date(context.now + DAY), "expiresAt where nothing was said");
          const forEver = await started(store, { policies: { resultTtlMs: null } });
          await settled(store, forEver, complete("kept"));
          await store.putResult({ taskId: "put", run: 1, status: "SUCCESS", value: "kept", ttlMs: null });
          const never = await started(store, { policies: { resultTtlMs: 0 } });
          await settled(store, never, complete());
          expectSame(
            (await read(store, never.record.id)).status,
            "SUCCESS",
            "the status of a task with ttl 0",
          );
          expectSame(await store.getResult(never.record.id), null, "its result");
          await store.putResult({ taskId: "put", run: 2, status: "SUCCESS", ttlMs: 0 });
          expectSame(await store.getResult("put", { run: 2 }), null, "a result put with ttl 0");
          await context.advance(1000 * DAY);
          for (const id of [forEver.record.id, "put"])
            expectSame((await readResult(store, id)).value, "kept", "a result for ever, 1,000 days later");
        },
      },
      {
        name: "a negative ttl is refused",
        async run({ store }) {
          const answer = await offer(store, newTask({ policies: { resultTtlMs: -1 } }));
          expectThat(answer.status === "error", `enqueue with a negative ttl answered ${show(answer)}`);
          await expectRejection(
            store.putResult({ taskId: "one", run: 1, status: "SUCCESS", ttlMs: -1 }),
            { name: "ValidationError", code: "invalid_ttl" },
            "putResult with a negative ttl",
          );
          expectSame(
            [await countOf(store), await store.getResult("one")],
            [0, null],
            "tasks and result stored",
          );
        },
      },
      {
        name: "an expired result hides no earlier one that has not expired",
        async run(context) {
          const { store } = context;
          await store.putResult({ taskId: "one", run: 1, status: "SUCCESS", value: "first", ttlMs: null });
          await store.putResult({ taskId: "one", run: 2, status: "SUCCESS", value: "second", ttlMs: 1000 });
          expectSame((await readResult(store, "one")).run, 2, "the run of the latest result");
          await context.advance(1000);
          const before = await store.getResult("one");
          expectSame(await store.purgeResults(), 1, "results purged");
          const after = await readResult(store, "one");
          expectSame(after.run, 1, "the run of the latest result after the sweep");
          expectSame(before?.run, 1, "the run of the latest result before the sweep");
        },
      },
    ],
  },
  {
    id: "RES-3",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "results",
    statement: "purge returns the exact count, touches only expired results, never a non-terminal task.",
    why: "Whoever purges in steps goes on until the count says that nothing is left.",
    checks: [
      {
        name: "the exact count, in steps",
        async run(context) {
          const { store } = context;
          const put = (taskId: string, ttlMs: number | null) =>
            store.putResult({ taskId, run: 1, status: "SUCCESS", ttlMs });
          for (let index = 0; index < 25; index++) await put(`expired ${index}`, 1000 + index);
          for (let index = 0; index < 5; index++) await put(`later ${index}`, 5000);
          for (let index = 0; index < 5; index++) await put(`for ever ${index}`, null);
          await context.advance(2000);
          const counts: number[] = [];
          for (let step = 0; step < 4; step++) counts.push(await store.purgeResults({ limit: 10 }));
          expectSame(
            counts,
            [10, 10, 5, 0],
            "the counts of four purges of at most 10, 25 results having expired",
          );
          for (let index = 0; index < 5; index++) {
            await readResult(context.connect(), `later ${index}`);
            await readResult(context.connect(), `for ever ${index}`);
          }
        },
      },
      {
        name: "tasks in every state stay as they are",
        async run(context) {
          const { store } = context;
          for (const status of STATUSES) {
            await taskIn(store, status, status, { policies: { resultTtlMs: null } });
            await store.putResult({ taskId: status, run: 3, status: "FAILED", ttlMs: 1 });
          }
          await context.advance(1);
          const before = await Promise.all(STATUSES.map((status) => snapshot(store, status)));
          expectSame(await store.purgeResults(), STATUSES.length, "results purged");
          const after = await Promise.all(STATUSES.map((status) => snapshot(store, status)));
          expectSame(after, before, "the tasks in each state, with their results, after the purge");
        },
      },
    ],
  },
];
