import { fileURLToPath } from "node:url";
import type { ViteUserConfig } from "vitest/config";

/** The private condition in every package's `exports` that leads to its source. */
const source = "@omniq/source";

/**
 * Where Node keeps the JavaScript of our TypeScript, for the threads and processes that tests start: hundreds of them, which
 * else strip the types of every file again. Node does that in WebAssembly, and threads that come and go while it is compiled
 * can crash the process they are in (nodejs/node#64500).
 */
const compileCache = fileURLToPath(new URL("../../../node_modules/.cache/node-compile", import.meta.url));

/**
 * The Vitest project of one package. Its whole configuration is:
 *
 * ```ts
 * import { project } from "@omniq/vitest-config";
 *
 * export default project(import.meta.url);
 * ```
 */
export function project(configUrl: string): ViteUserConfig {
  // Otherwise as Node itself resolves: no bundler's conditions.
  const conditions = [source, "node"];
  return {
    root: fileURLToPath(new URL(".", configUrl)),
    resolve: { conditions },
    // The external ones reach the test process as its own --conditions, hence also what Node resolves there by
    // itself: require.resolve, a forked child, a worker thread.
    ssr: { resolve: { conditions, externalConditions: [source] } },
    test: {
      include: ["test/**/*.test.ts"],
      environment: "node",
      env: { NODE_COMPILE_CACHE: compileCache },
      // Real processes: native modules are loaded, and signals are sent.
      pool: "forks",
      // Vitest leaves a core to whoever watches; on two cores every file would wait for the one before. It asks each project.
      maxWorkers: "100%",
      // Limits against hanging, not measures of speed: tests talk to real servers and processes.
      testTimeout: 60_000,
      hookTimeout: 60_000,
      teardownTimeout: 20_000,
      // A test that passes at the second try has found a bug.
      retry: 0,
      restoreMocks: true,
      unstubEnvs: true,
      unstubGlobals: true,
    },
  };
}
