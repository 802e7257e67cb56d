type Field = string | number | boolean | null | undefined;

const SPECIAL = /["\\]/;
const SPECIALS = /["\\]/g;
/** In an item, and in a field of a record in an item, which is escaped twice. */
const [ESCAPED, TWICE_ESCAPED] = ["\\$&", "\\\\\\$&"];

/**
 * An array as a literal, which every driver passes on as it is. An item that is an array itself is a record: its fields
 * in the order of its type.
 */
export function arrayText(items: readonly (Field | readonly Field[])[]): string {
  let text = "{";
  for (const [index, item] of items.entries()) {
    if (index > 0) text += ",";
    if (typeof item === "string")
      text += `"${SPECIAL.test(item) ? item.replaceAll(SPECIALS, ESCAPED) : item}"`;
    else if (typeof item === "object" && item !== null) text += recordText(item);
    else text += String(item);
  }
  return `${text}}`;
}

/** A field of null is left empty. */
function recordText(fields: readonly Field[]): string {
  let text = '"(';
  let isFirst = true;
  for (const field of fields) {
    if (!isFirst) text += ",";
    isFirst = false;
    if (typeof field === "string")
      text += `\\"${SPECIAL.test(field) ? field.replaceAll(SPECIALS, TWICE_ESCAPED) : field}\\"`;
    else if (field !== null && field !== undefined) text += String(field);
  }
  return `${text})"`;
}
