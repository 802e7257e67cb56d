/** What a field of a record may be. What is not there is null. */
export type Field = string | number | boolean | null | undefined;

/** An array as text, which every driver passes on as it is. */
export function arrayText(items: readonly Exclude<Field, boolean>[]): string {
  const texts = items.map((item) =>
    typeof item === "string" ? `"${escaped(item, "\\\\", '\\"')}"` : String(item ?? null),
  );
  return `{${texts.join(",")}}`;
}

/** An array of records of one type as text; of each, its fields in the order of the type. */
export function recordsText(records: readonly (readonly Field[])[]): string {
  return `{${records.map((fields) => `"(${fields.map(fieldText).join(",")})"`).join(",")}}`;
}

/** A field of a record that is an item of an array: escaped for both. */
function fieldText(value: Field): string {
  if (typeof value === "string") return `\\"${escaped(value, "\\\\\\\\", '\\\\\\"')}\\"`;
  return value === null || value === undefined ? "" : String(value);
}

/** Two looks for one character each are quicker than one for either, and most texts have none. */
function escaped(text: string, backslash: string, quote: string): string {
  const half = text.includes("\\") ? text.replaceAll("\\", backslash) : text;
  return half.includes('"') ? half.replaceAll('"', quote) : half;
}
