// Reads every import of the workspace, type imports included, and holds it against the rules.

import { cruise, type ICruiseResult, type IViolation } from "dependency-cruiser";

import type { Finding } from "./finding.ts";
import { rules } from "./rules.ts";

export interface ImportsRead {
  /** The files that were read, relative to the workspace. */
  readonly modules: readonly string[];
  readonly findings: readonly Finding[];
}

export async function readImports(root: string, folders: readonly string[]): Promise<ImportsRead> {
  const { output } = await cruise(
    [...folders],
    {
      baseDir: root,
      // Without this the rules are read and never applied.
      validate: true,
      ruleSet: { forbidden: [...rules] },
      tsPreCompilationDeps: true,
      exclude: { path: "(?:^|/)(?:node_modules|dist)/" },
    },
    {
      bustTheCache: true,
      conditionNames: ["@omniq/source", "types", "import", "node", "default"],
      exportsFields: ["exports"],
      extensions: [".ts", ".mts", ".mjs", ".js", ".json"],
    },
  );
  // Without an outputType the answer is always the object; a string is a report for people.
  const result = output as ICruiseResult;

  return {
    modules: result.modules
      .map((module) => module.source)
      .filter((source) => /^(?:packages|apps|tooling)\//.test(source)),
    findings: result.summary.violations.map(toFinding),
  };
}

function toFinding(violation: IViolation): Finding {
  const name = violation.rule.name;
  const steps = violation.cycle ?? violation.via ?? [];
  const path = steps.length > 0 ? steps.map((step) => step.name) : [violation.to];
  return {
    rule: name,
    where: [violation.from, ...path].join(" -> "),
    advice: rules.find((rule) => rule.name === name)?.comment ?? "",
  };
}
