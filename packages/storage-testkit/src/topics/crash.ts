import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DiskStep } from "../disk/disk-step.ts";
import { type DiskState, ModelDisk, digestOf, materialize } from "../disk/model-disk.ts";
import { stepsOf, tracerInto } from "../disk/trace.ts";
import { expectSame, expectThat } from "../expect.ts";
import type { PlaceFiles } from "../harness.ts";
import { makeActs } from "../process/make-acts.ts";
import { ACTS, expectUsable } from "../process/acts.ts";
import type { RuleContext } from "../rule-context.ts";

/** Where folders are rebuilt: in memory where that can be, since a folder that has crashed already has no need of a disk. */
const REBUILT_IN = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** A moment in the life of a folder. */
interface Moment {
  /** Where in the recording it is, for the message. */
  readonly after: string;
  /** The acts that were acknowledged by then. */
  readonly acknowledged: readonly string[];
  readonly what: string;
  readonly state: DiskState;
  /** Whether nothing but the loss of power leaves the folder like this. */
  readonly needsPowerLoss: boolean;
}

/** Records a process that opens an empty place, makes every act and closes. */
export async function recordActs(context: RuleContext): Promise<readonly DiskStep[]> {
  const { folder } = context.place.files as PlaceFiles;
  const scratch = mkdtempSync(join(tmpdir(), "omniq-trace-"));
  try {
    const file = join(scratch, "trace");
    const acts = ACTS.map(({ name }) => name);
    const program = makeActs(context.start(), acts, { tracer: tracerInto(file) });
    const { code, signal, errors } = await program.ended;
    expectSame([code, signal, errors], [0, null, ""], "how the recorded process ended");
    return stepsOf(readFileSync(file, "latin1"), folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Every moment of a recording at which the disk could have been left in a state of its own. */
export function momentsOf(steps: readonly DiskStep[], folder: string): readonly Moment[] {
  const disk = new ModelDisk(folder);
  const acknowledged: string[] = [];
  const seen = new Set<string>();
  const moments: Moment[] = [];
  for (const [index, step] of steps.entries()) {
    if (step.kind === "say") acknowledged.push(step.line);
    else disk.apply(step);
    for (const [variant, { what, state }] of disk.crashStates().entries()) {
      const key = `${acknowledged.length} ${digestOf(state)}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const after = `step ${index + 1} of ${steps.length}, a ${step.kind}, after ${acknowledged.at(-1) ?? "nothing"} was acknowledged`;
      moments.push({ after, acknowledged: [...acknowledged], what, state, needsPowerLoss: variant !== 1 });
    }
  }
  return moments;
}

/** The moments right after each acknowledgement at which only what was synced is left. */
export function acknowledgedMoments(moments: readonly Moment[]): readonly Moment[] {
  return moments.filter(({ what }) => what === "only what was synced");
}

/** Opens the folder as a moment may have left it: nothing acknowledged is gone, nothing is half there, and it works. */
export async function expectSurvival(
  context: RuleContext,
  moment: Moment,
  healthy: ReadonlySet<string>,
): Promise<void> {
  const folder = mkdtempSync(join(REBUILT_IN, "omniq-crash-"));
  try {
    materialize(moment.state, folder);
    const config = (context.place.files as PlaceFiles).configAt(folder);
    const store = context.connectAt(config, { events: "all" });
    const keepsAll = !moment.needsPowerLoss || context.capabilities.survivesPowerLoss;
    for (const act of ACTS) {
      if (keepsAll && moment.acknowledged.includes(act.name)) await act.holds(store);
      else await act.isWhole(store);
    }
    await expectUsable(store);
    await store.close();
    const strangers = readdirSync(folder).filter((name) => !healthy.has(pattern(name)));
    expectThat(strangers.length === 0, `left over afterwards: ${strangers.join(", ")}`);
  } catch (error) {
    if (error instanceof Error) error.message = `${moment.what} is left at ${moment.after}: ${error.message}`;
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file's name without what differs from one to the next. */
export function pattern(name: string): string {
  return name.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8,}|\d+/g, "#");
}
