import { hash } from "node:crypto";
import { readFileSync } from "node:fs";

/**
 * Finds the scripts in `lua/` by name, each read when it is first needed; `sha` is the name under which a server keeps it.
 * A script begins with the prelude, and with the parts that its first line names.
 */
export function scriptFinder(testClock: boolean) {
  const load = (name: string): { readonly source: string; readonly sha: string } => {
    const body = readLua(name);
    const parts = /^-- Parts: (.+)\.$/m.exec(body)?.[1]?.split(", ") ?? [];
    const texts = [`local TEST_CLOCK = ${testClock}`, ...["prelude", ...parts].map(readLua), body];
    const source = texts.join("\n");
    return { source, sha: hash("sha1", source) };
  };
  const loaded = new Map<string, ReturnType<typeof load>>();
  return (name: string): ReturnType<typeof load> => {
    const script = loaded.get(name) ?? load(name);
    loaded.set(name, script);
    return script;
  };
}

function readLua(name: string): string {
  return readFileSync(new URL(`../lua/${name}.lua`, import.meta.url), "utf8");
}
