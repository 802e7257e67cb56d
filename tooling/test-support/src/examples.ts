/** A program that a page shows, and what the page says that it prints. */
export interface Example {
  readonly program: string;
  readonly output: string;
}

/** Each program of a page, with the output that is shown after it. */
export function examples(markdown: string): Example[] {
  const blocks = [...markdown.matchAll(/```(ts|text)\n([^]*?)```/g)].map(([, language, text]) => ({
    language,
    text,
  }));
  return blocks.flatMap(({ language, text = "" }, index) => {
    if (language !== "ts") return [];
    const next = blocks[index + 1];
    return [{ program: text, output: next?.language === "text" ? (next.text ?? "") : "" }];
  });
}
