// Turns the reports of Vitest and of `check` into the last line of .ci/run. Written for Node 20.
//
// A command that failed without a report, or with one that counts no failure (the install or the build broke, a
// test file could not be loaded), counts as one failure: nothing that went wrong ends in "0 failed".

import { readFileSync } from "node:fs";

const [testExit, checkExit] = process.argv.slice(2).map(Number);

function read(name) {
  try {
    return JSON.parse(readFileSync(new URL(`../.reports/${name}`, import.meta.url), "utf8"));
  } catch {
    return undefined;
  }
}

function failures(counted, exitCode, report) {
  return counted === 0 && (exitCode !== 0 || report === undefined) ? 1 : counted;
}

const tests = read("vitest.json");
const gates = read("check.json");
const testsPassed = tests?.numPassedTests ?? 0;
const testsFailed = failures(tests?.numFailedTests ?? 0, testExit, tests);
const gatesPassed = gates?.passed ?? 0;
const gatesFailed = failures(gates?.failed ?? 0, checkExit, gates);
const skipped = (tests?.numPendingTests ?? 0) + (tests?.numTodoTests ?? 0);

console.log(`\nTests: ${testsPassed} passed, ${testsFailed} failed, ${skipped} skipped`);
console.log(`Gates: ${gatesPassed} passed, ${gatesFailed} failed`);
console.log(`${testsPassed} passed, ${testsFailed + gatesFailed} failed`);
process.exitCode = testsFailed + gatesFailed === 0 ? 0 : 1;
