type Value = string | number | boolean | null;

/** How each array that a function of the database takes, by its name, is made of the items of a call. */
export type Columns<Item> = Readonly<Record<string, (item: Item) => Value>>;

/** The items column by column, for `unnest`: the whole batch is one statement, however many there are. */
export function columnsOf<Item>(columns: Columns<Item>, items: readonly Item[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const name in columns) values[name] = arrayText(items.map(columns[name] as Columns<Item>[string]));
  return values;
}

/** As a literal, which every driver passes on as it is. Empty where all are null: `unnest` fills it up with nulls. */
export function arrayText(values: readonly Value[]): string {
  let text = "";
  let isEmpty = true;
  for (const value of values) {
    if (value !== null) isEmpty = false;
    text += typeof value === "string" ? `,${quoted(value)}` : `,${value}`;
  }
  return isEmpty ? "{}" : `{${text.slice(1)}}`;
}

function quoted(text: string): string {
  return `"${/["\\]/.test(text) ? text.replaceAll(/["\\]/g, String.raw`\$&`) : text}"`;
}
