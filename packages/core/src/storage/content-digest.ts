import { hash } from "node:crypto";

/** 128 bits of SHA-256 as 22 characters: enough that no two contents meet by chance. */
export function contentDigest(content: string): string {
  return hash("sha256", content, "base64url").slice(0, 22);
}
