import { hash } from "node:crypto";
import { readFileSync } from "node:fs";

export interface Script {
  readonly source: string;
  /** The name under which a server keeps it. */
  readonly sha: string;
}

/**
 * Finds the scripts in `lua/` by name, each read when it is first needed. A script begins with the prelude, and with the
 * parts that its first line names.
 */
export function scriptFinder(testClock: boolean): (name: string) => Script {
  const loaded = new Map<string, Script>();
  return (name) => {
    let script = loaded.get(name);
    if (!script) {
      const body = readLua(name);
      const parts = /^-- Parts: (.+)\.$/m.exec(body)?.[1]?.split(", ") ?? [];
      const source = [`local TEST_CLOCK = ${testClock}`, ...["prelude", ...parts].map(readLua), body].join(
        "\n",
      );
      loaded.set(name, (script = { source, sha: hash("sha1", source) }));
    }
    return script;
  };
}

function readLua(name: string): string {
  return readFileSync(new URL(`../lua/${name}.lua`, import.meta.url), "utf8");
}
