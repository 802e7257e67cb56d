import { hash } from "node:crypto";

const digest = Buffer.alloc(22);

/** 128 bits of SHA-256 as 22 characters: enough that no two contents meet by chance. */
export function contentDigest(content: string): string {
  // A slice of the text would keep all of it in memory, for as long as a store keeps the task.
  digest.write(hash("sha256", content, "base64url"), "latin1");
  return digest.toString("latin1");
}
