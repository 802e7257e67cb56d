import { readFileSync } from "node:fs";

/**
 * The version in the manifest of the package that a module lies in; `unknown` where it was bundled away.
 *
 * @param moduleUrl `import.meta.url` of a module in the package's `src` or `dist` folder.
 */
export function packageVersion(moduleUrl: string): string {
  try {
    const manifest = readFileSync(new URL("../package.json", moduleUrl), "utf8");
    return (JSON.parse(manifest) as { readonly version: string }).version;
  } catch {
    return "unknown";
  }
}
