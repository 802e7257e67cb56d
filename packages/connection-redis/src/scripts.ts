import { hash } from "node:crypto";
import { readFileSync } from "node:fs";

interface Script {
  readonly source: string;
  /** The name under which a server keeps it. */
  readonly sha: string;
}

export type FindScript = (name: string) => Script;

/**
 * Finds the Lua scripts of a folder by name, each read when it is first needed. A script begins with a line of the
 * caller's, with `prelude.lua`, and with the parts that its own first line names.
 */
export function scriptFinder(folder: URL, firstLine: string): FindScript {
  const readLua = (name: string): string => readFileSync(new URL(`${name}.lua`, folder), "utf8");
  const load = (name: string): Script => {
    const body = readLua(name);
    const parts = /^-- Parts: (.+)\.$/m.exec(body)?.[1]?.split(", ") ?? [];
    const source = [firstLine, ...["prelude", ...parts].map(readLua), body].join("\n");
    return { source, sha: hash("sha1", source) };
  };
  const loaded = new Map<string, Script>();
  return (name) => {
    const script = loaded.get(name) ?? load(name);
    loaded.set(name, script);
    return script;
  };
}
