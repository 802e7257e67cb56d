/** One gate of `check`: tools that run in order, and the first that fails decides. */
export interface Gate {
  readonly name: string;
  /** What holds when it passes. */
  readonly proves: string;
  readonly steps: readonly (readonly string[])[];
  /** Shows what the tools printed even when they passed, for the warnings in it. */
  readonly verbose?: boolean;
}

export const gates: readonly Gate[] = [
  {
    name: "format",
    proves: "every file is formatted",
    steps: [["oxfmt", "--check"]],
  },
  {
    name: "lint",
    proves: "no lint rule is broken, those that need types included",
    steps: [["oxlint"]],
    verbose: true,
  },
  {
    name: "types",
    proves: "every package and its tests type-check, from source",
    steps: [["node", "tooling/commands/src/turbo.ts", "run", "types", "--continue"]],
  },
  {
    name: "architecture",
    proves: "the arrows between packages and layers point where they should",
    steps: [["node", "tooling/architecture/src/main.ts"]],
  },
  {
    name: "unused",
    proves: "no file, export or dependency is unused",
    steps: [["knip"]],
  },
  {
    name: "manifests",
    proves: "the package.json files agree with one another and with the catalog",
    steps: [["sherif"], ["node", "tooling/manifests/src/main.ts"]],
  },
  {
    name: "requirements",
    proves: "every row of docs/requirements.md has a proof",
    steps: [["node", "tooling/requirements/src/main.ts"]],
  },
  {
    name: "packages",
    proves: "what would be published installs, type-checks and imports",
    steps: [
      ["node", "tooling/commands/src/build.ts"],
      ["node", "tooling/packages-check/src/main.ts"],
    ],
  },
];
