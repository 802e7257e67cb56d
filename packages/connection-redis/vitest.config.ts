import { project } from "@omniq/vitest-config";

export default project(import.meta.url);
