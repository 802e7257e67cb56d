// What must be in a tarball, and what must not.

import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

import type { Packed } from "./pack.ts";

const required = ["package.json", "LICENSE", "README.md"];

const unwanted: readonly [why: string, pattern: RegExp][] = [
  ["is a test", /(?:^|\/)(?:test|tests|__tests__)\/|\.(?:test|spec)\./],
  ["is a TypeScript source; the source maps hold those", /(?<!\.d)\.[cm]?ts$/],
  ["leads to sources that are not shipped", /\.d\.ts\.map$/],
  [
    "belongs to a tool",
    /(?:^|\/)(?:tsconfig[^/]*\.json|[^/]*\.config\.[^/]+|[^/]*\.tsbuildinfo|\.turbo)(?:$|\/)/,
  ],
];

export async function judgeContents({ unpacked }: Packed): Promise<string[]> {
  const entries = await readdir(unpacked, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      path.relative(unpacked, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"),
    );

  return [
    ...required.filter((file) => !files.includes(file)).map((file) => `${file} is missing.`),
    ...(files.some((file) => file.startsWith("dist/")) ? [] : ["dist is missing: was it built?"]),
    ...unwanted.flatMap(([why, pattern]) =>
      files.filter((file) => pattern.test(file)).map((file) => `${file} ${why}.`),
    ),
    ...(await judgeManifest(unpacked)),
  ];
}

/** What only makes sense in the workspace must be gone from the manifest. */
async function judgeManifest(unpacked: string): Promise<string[]> {
  const text = await readFile(path.join(unpacked, "package.json"), "utf8");
  return ["workspace:", "catalog:", "@omniq/source"]
    .filter((word) => text.includes(`"${word}`))
    .map((word) => `package.json still says "${word}".`);
}
