import { readFileSync } from "node:fs";

/** A rule as docs/contract.md states it. */
export interface StatedRule {
  readonly id: string;
  /** The letters in parentheses, such as `S,u`. */
  readonly letters: readonly string[];
  readonly sentence: string;
}

export const page = readFileSync(new URL("../../../docs/contract.md", import.meta.url), "utf8");

/** The rules on the page, each sentence in one line. */
export function statedRules(): StatedRule[] {
  const paragraphs = page.replaceAll(/\n +/g, " ").split("\n");
  return paragraphs.flatMap((paragraph) => {
    const found = /^- ([A-Z]{3}-\d+) \(([A-Za-z,]+)\) (.+)$/.exec(paragraph);
    return found
      ? [{ id: found[1] ?? "", letters: (found[2] ?? "").split(","), sentence: found[3] ?? "" }]
      : [];
  });
}

/** The rows of the table of states: the operation, and its cell for each state. */
export function stateTable(): { operation: string; cells: Readonly<Record<string, string>> }[] {
  const rows = page
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const head = rows.find(([first]) => first === "operation") ?? [];
  return rows
    .slice(rows.indexOf(head) + 2)
    .filter((row) => row.length === head.length)
    .map(([operation = "", ...cells]) => ({
      operation,
      cells: Object.fromEntries(cells.map((cell, index) => [head[index + 1] ?? "", cell])),
    }));
}
