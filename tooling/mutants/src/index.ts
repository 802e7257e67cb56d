import { callMutants } from "./call-mutants.ts";
import { claimMutants } from "./claim-mutants.ts";
import { enqueueMutants } from "./enqueue-mutants.ts";
import { eventMutants } from "./event-mutants.ts";
import { historyMutants } from "./history-mutants.ts";
import { leaseMutants } from "./lease-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { promiseMutants } from "./promise-mutants.ts";
import { queueMutants } from "./queue-mutants.ts";
import { readMutants } from "./read-mutants.ts";
import { resultMutants } from "./result-mutants.ts";
import { timeMutants } from "./time-mutants.ts";
import { transitionMutants } from "./transition-mutants.ts";
import { writeMutants } from "./write-mutants.ts";

export { FILE_MUTANTS, fileHarnessOf } from "./sqlite-mutants.ts";
export { harnessOf, type Mutant } from "./mutant.ts";

/** Every broken memory store. */
export const MUTANTS: readonly Mutant[] = [
  ...enqueueMutants,
  ...claimMutants,
  ...leaseMutants,
  ...writeMutants,
  ...transitionMutants,
  ...readMutants,
  ...resultMutants,
  ...eventMutants,
  ...queueMutants,
  ...timeMutants,
  ...callMutants,
  ...historyMutants,
  ...promiseMutants,
];
