import { project } from "@omniq/vitest-config";

const base = project(import.meta.url);

export default { ...base, test: { ...base.test, globalSetup: "test/support/global-setup.ts" } };
