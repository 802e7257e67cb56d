import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** A program of the bench that is started as a process of its own, built or from source as this one is. */
export function programPath(name: "measure" | "worker" | "crash-worker"): string {
  return fileURLToPath(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url));
}
