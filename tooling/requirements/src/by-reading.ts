/** A row that no test can prove: where a reader finds the proof. */
export interface ReadingProof {
  /** A file of the repository. */
  readonly file: string;
  /** What stands there. */
  readonly text: string;
}

export const byReading: Readonly<Record<string, ReadingProof>> = {
  "S3.5": { file: "tooling/typescript-config/base.json", text: '"strict": true' },
  "S3.17": { file: "docs/benchmarks.md", text: "S3.17, c10, with stored errors" },
  "S4.75": { file: "docs/benchmarks.md", text: "S4.75, made and written | met" },
};
