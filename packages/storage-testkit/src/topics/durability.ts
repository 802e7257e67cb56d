import { readdirSync } from "node:fs";
import { expectSame, expectThat } from "../expect.ts";
import { makeActs } from "../process/make-acts.ts";
import { ACTS, expectUsable } from "../process/acts.ts";
import { DISK_FAULTS, type DiskFault, NO_FILES } from "../process/faults.ts";
import type { PlaceFiles } from "../harness.ts";
import type { Rule } from "../rule.ts";
import type { RuleContext } from "../rule-context.ts";
import { countOf } from "../steps.ts";
import { acknowledgedMoments, expectSurvival, momentsOf, pattern, recordActs } from "./crash.ts";
import { wired } from "./wire.ts";

/** Rules about what survives. */
export const durabilityRules: readonly Rule[] = [
  {
    id: "DUR-1",
    level: "capability",
    kinds: ["fault"],
    since: "1.0",
    topic: "durability",
    statement: "SIGKILL of the client right after any ack: effect present on reopen.",
    why: "Whoever was told that it is done does not tell anybody else; what is lost then is lost for good.",
    capability: "durable",
    checks: ACTS.map(({ name, holds }) => ({
      name: `killed right after ${name} was acknowledged`,
      needs: ["durable", "multiProcess"],
      door: "processes",
      async run(context: RuleContext) {
        const program = makeActs(context.start(), [name], { dies: true });
        const { code, signal, errors } = await program.ended;
        expectSame(
          [code, signal, errors],
          [null, "SIGKILL", ""],
          `how the process ended that was to ${name} and die`,
        );
        await holds(context.store);
        await expectUsable(context.store);
      },
    })),
  },
  {
    id: "DUR-3",
    level: "capability",
    kinds: ["fault"],
    since: "1.0",
    topic: "durability",
    statement:
      "Loss of all unsynced pages after ack: effect present [survivesPowerLoss]. A store that writes files in process proves " +
      "it by recorded writes and fsyncs and files rebuilt from synced bytes (kill -9 proves nothing; untested where the tool " +
      "is missing). A store behind a server proves it by settings read back (fsync, full_page_writes, synchronous_commit; " +
      "appendfsync always), and declares it only then.",
    why: "A process that is killed leaves its writes to the kernel; a host that loses power does not.",
    capability: "survivesPowerLoss",
    checks: [
      {
        name: "files rebuilt from what was synced when each act was acknowledged",
        needs: ["survivesPowerLoss", "multiProcess"],
        door: "syncs",
        async run(context) {
          const { files, syncSettings } = context.place;
          if (!files) return expectSettings(context, syncSettings ?? {});
          const steps = await recordActs(context);
          const moments = acknowledgedMoments(momentsOf(steps, files.folder));
          const healthy = namesIn(files.folder);
          for (const moment of moments) await expectSurvival(context, moment, healthy);
        },
      },
    ],
  },
  {
    id: "DUR-4",
    level: "capability",
    kinds: ["fault"],
    since: "1.0",
    topic: "durability",
    statement:
      "Crash at **every** I/O step of every operation: store opens without manual repair, invariants hold, leftovers are " +
      "cleaned.",
    why: "The power fails between two writes, and nobody is there to repair anything by hand.",
    capability: "durable",
    checks: [
      {
        name: "every state that a crash can leave the files of every act in",
        needs: ["durable", "multiProcess"],
        without: "remote",
        door: "files",
        async run(context) {
          const { folder } = context.place.files as PlaceFiles;
          const steps = await recordActs(context);
          const moments = momentsOf(steps, folder);
          const healthy = namesIn(folder);
          expectThat(moments.length > ACTS.length, `only ${moments.length} states were recorded`);
          for (const moment of moments) await expectSurvival(context, moment, healthy);
          context.note(`${moments.length} crash states of ${steps.length} steps`);
        },
      },
      {
        name: "the connection ends at each reply of every act, and nobody comes back",
        needs: "remote",
        door: "server",
        run: expectWholeActs,
      },
    ],
  },
  {
    id: "DUR-5",
    level: "capability",
    kinds: ["fault"],
    since: "1.0",
    topic: "durability",
    statement: "ENOSPC/EFBIG/EROFS/EIO: rejects, old data intact, works again after the cause is gone.",
    why: "A disk that is full for a minute must cost a minute, and not the tasks that lie on it.",
    capability: "durable",
    checks: [
      ...DISK_FAULTS.map((fault) => ({
        name: fault.name,
        needs: ["durable", "multiProcess"] as const,
        without: "remote" as const,
        door: "files" as const,
        run: (context: RuleContext) => expectOutlives(context, fault),
      })),
      {
        name: "a store that could not be opened opens once the fault is gone",
        needs: ["durable", "multiProcess"],
        without: "remote",
        door: "files",
        run: expectOpensLater,
      },
    ],
  },
  {
    id: "DUR-6",
    level: "required",
    kinds: ["audit"],
    since: "1.0",
    topic: "durability",
    statement:
      "The durability setting is read back from the live store (PRAGMA, SHOW, CONFIG GET) and printed in the report.",
    why: "A setting that was asked for and not applied is found out when the power fails.",
    checks: [
      {
        name: "describe says what durability rests on",
        async run({ store }) {
          const { durability, capabilities, contractVersion, adapterVersion } = await store.describe();
          expectSame(capabilities, store.capabilities, "the capabilities that describe answers");
          for (const [what, version] of Object.entries({ contractVersion, adapterVersion })) {
            expectThat(/^\d+\.\d+/.test(version), `describe answered ${JSON.stringify(version)} as ${what}`);
          }
          const settings = Object.entries(durability);
          expectThat(
            settings.every(
              ([, value]) =>
                typeof value === "string" && value !== "" && !/^(undefined|null|NaN)$/.test(value),
            ),
            `describe answered a setting of durability without a value: ${JSON.stringify(durability)}`,
          );
          expectThat(
            !capabilities.durable || settings.length > 0,
            "the store declares durable, and describe answers no setting that this rests on",
          );
        },
      },
    ],
  },
];

/** A process meets a fault of its disk, is told so, and goes on once the fault is gone. */
async function expectOutlives(context: RuleContext, fault: DiskFault): Promise<void> {
  const { folder } = context.place.files as PlaceFiles;
  const process = context.spawn();
  const before = await process.run("fill", { queue: "before", most: 3 });
  expectSame(before.refused, null, "a task refused, the disk being well");
  const lift = await fault.bring(process.pid, folder);
  const during = await process.run("fill", { queue: "during", most: 500 });
  await lift();
  expectThat(during.refused !== null, `500 tasks of 20 kB were acknowledged, ${fault.name}`);
  const after = await process.run("fill", { queue: "after", most: 3 });
  expectSame(
    after.refused,
    null,
    `a task refused by the same instance after the fault is gone (${fault.name})`,
  );
  const stored = [...before.stored, ...during.stored, ...after.stored];
  const { tasks } = await context.connect().listTasks({ limit: 1000 });
  const found = tasks.map(({ id }) => id);
  expectSame(
    stored.filter((id) => !found.includes(id)),
    [],
    "tasks acknowledged and not found afterwards",
  );
  // The call that was refused may have been carried out; then its task is there as a whole.
  expectSame(
    found.filter((id) => !stored.includes(id) && id !== during.refused),
    [],
    "tasks that nobody enqueued",
  );
  await process.run("enqueueAgain", { id: "refused before" });
  await expectUsable(context.connect());
}

/** What goes wrong at the first call is no reason to refuse every call after it. */
async function expectOpensLater(context: RuleContext): Promise<void> {
  const { folder } = context.place.files as PlaceFiles;
  const process = context.spawn();
  const lift = await NO_FILES.bring(process.pid, folder);
  const during = await process.run("fill", { queue: "during", most: 1 });
  await lift();
  expectThat(during.refused !== null, `a task was acknowledged while ${NO_FILES.name}`);
  const after = await process.run("fill", { queue: "after", most: 3 });
  expectSame(
    after.refused,
    null,
    "a task refused by an instance that could not be opened before, the fault being gone (doOpen is called again)",
  );
  expectSame(await countOf(context.connect()), 3, "tasks stored");
}

/** A client behind a server can be gone after each message of an act; what is left is whole. */
async function expectWholeActs(context: RuleContext): Promise<void> {
  let losses = 0;
  for (const act of ACTS) {
    for (let round = 1, isLost = true; isLost; round++) {
      const place = await context.beside();
      const { store, proxy } = await wired(place);
      proxy.loseReply(round);
      await act.act(store).catch(() => {});
      isLost = proxy.lost > 0;
      if (isLost) losses++;
      proxy.takeDown();
      await act.isWhole(place.store);
      await expectUsable(place.store);
      await context.leave(place);
    }
  }
  context.note(`${losses} replies of ${ACTS.length} acts lost, one at a time`);
}

/** What files of a healthy folder are called. */
function namesIn(folder: string): ReadonlySet<string> {
  return new Set(readdirSync(folder).map(pattern));
}

/** A store behind a server cannot be looked at from here; its settings can. */
async function expectSettings(
  { store }: RuleContext,
  wanted: Readonly<Record<string, string>>,
): Promise<void> {
  const { durability } = await store.describe();
  for (const [name, value] of Object.entries(wanted)) {
    expectSame(
      durability[name],
      value,
      `the setting ${name}, read back, the store declaring survivesPowerLoss`,
    );
  }
}
