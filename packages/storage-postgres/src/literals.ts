const SPECIAL = /["\\]/;
const SPECIALS = /["\\]/g;
/** In an item, and in a field of a record in an item, which is escaped twice. */
const [ESCAPED, TWICE_ESCAPED] = ["\\$&", "\\\\\\$&"];

/** An array as text, which every driver passes on as it is. */
export function arrayText(items: readonly (string | number)[]): string {
  const texts = items.map((item) =>
    typeof item === "string" ? `"${item.replaceAll(SPECIALS, ESCAPED)}"` : String(item),
  );
  return `{${texts.join(",")}}`;
}

/**
 * Makes text of an array of records of one type, whose fields stand here in their order: `due.at` is the field `at` of the
 * part `due`. What is not there is null.
 *
 * @param stored how values of a field become what is stored, where they are not that already.
 */
export function recordsOf(
  names: string,
  stored: Readonly<Record<string, (value: string) => unknown>> = {},
): (items: readonly object[]) => string {
  const fields = names.split(" ").map((path) => {
    const [name, inner] = path.split(".") as [string, string?];
    return { name, inner, convert: stored[path] };
  });
  return (items) => {
    let text = "";
    for (const item of items as readonly Readonly<Record<string, unknown>>[]) {
      let record = "";
      for (const { name, inner, convert } of fields) {
        const part = item[name];
        const value = inner === undefined ? part : (part as typeof item | null | undefined)?.[inner];
        if (value === null || value === undefined) record += ",";
        else record += `,${fieldText(convert ? convert(value as string) : value)}`;
      }
      text += `,"(${record.slice(1)})"`;
    }
    return `{${text.slice(1)}}`;
  };
}

function fieldText(value: unknown): string {
  if (typeof value !== "string") return String(value);
  return `\\"${SPECIAL.test(value) ? value.replaceAll(SPECIALS, TWICE_ESCAPED) : value}\\"`;
}
