import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

export interface Script {
  readonly source: string;
  /** The name under which a server keeps it. */
  readonly sha: string;
}

/**
 * The scripts in `lua/`, each read when it is first needed. A script begins with the prelude, and with the parts that
 * its first line names.
 */
export class Scripts {
  readonly #testClock: boolean;
  readonly #loaded = new Map<string, Script>();

  constructor(testClock: boolean) {
    this.#testClock = testClock;
  }

  get(name: string): Script {
    let script = this.#loaded.get(name);
    if (!script) {
      const body = readLua(name);
      const parts = /^-- Parts: (.+)\.$/m.exec(body)?.[1]?.split(", ") ?? [];
      const beginning = `local TEST_CLOCK = ${this.#testClock}`;
      const source = [beginning, readLua("prelude"), ...parts.map(readLua), body].join("\n");
      script = { source, sha: createHash("sha1").update(source).digest("hex") };
      this.#loaded.set(name, script);
    }
    return script;
  }
}

function readLua(name: string): string {
  return readFileSync(new URL(`../lua/${name}.lua`, import.meta.url), "utf8");
}
