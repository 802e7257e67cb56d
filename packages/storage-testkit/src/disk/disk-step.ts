/** Something that a process did to files, in the order in which the kernel did it. */
export type DiskStep =
  | { readonly kind: "create"; readonly path: string; readonly empties: boolean }
  | { readonly kind: "write"; readonly path: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: "truncate"; readonly path: string; readonly size: number }
  | { readonly kind: "sync"; readonly path: string }
  | { readonly kind: "rename" | "link"; readonly path: string; readonly to: string }
  | { readonly kind: "remove"; readonly path: string }
  | { readonly kind: "mkdir"; readonly path: string }
  /** A file that is written through memory, which no tracer sees. */
  | { readonly kind: "map"; readonly path: string }
  /** A line on the standard output: an acknowledgement. */
  | { readonly kind: "say"; readonly line: string };
