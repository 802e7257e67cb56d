/** The ids of the rows of the requirements page, in its order. */
export function rowsOf(page: string): string[] {
  return [...page.matchAll(/^\|\s*(S\d\.\d+)\s*\|/gm)].map(([, id]) => id as string);
}

/**
 * The ids that titles of tests begin with. A title is the first text of `it`, `test` or `describe`, or of a row of a table
 * for `each`; it may begin with several ids: `it("S4.90 S4.91 has defaults", ...)`.
 */
export function provedIn(testFile: string): string[] {
  return [...testFile.matchAll(/(["'`])((?:S\d\.\d+ )+)/g)].flatMap(([, , ids]) =>
    (ids as string).trim().split(" "),
  );
}
