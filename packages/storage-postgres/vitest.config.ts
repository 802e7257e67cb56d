import { project } from "@omniq/vitest-config";

const config = project(import.meta.url);

export default { ...config, test: { ...config.test, globalSetup: "test/support/servers.ts" } };
