import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["packages/*/vitest.config.ts", "apps/*/vitest.config.ts", "tooling/*/vitest.config.ts"],
    // The JSON is what .ci/run counts; it is ignored by git.
    reporters: ["default", ["json", { outputFile: ".reports/vitest.json" }]],
    passWithNoTests: false,
  },
});
