/**
 * Flat rows as the JSON text of what their fields hold, in a fixed order: half of what it is with the names of the fields,
 * and made and read in less than half of the time. The field that is the key of a row stands elsewhere.
 */
export class Packing<T extends object, Key extends keyof T> {
  readonly #key: Key;
  readonly #fields: readonly (keyof T)[];
  readonly #empty: T;

  /** @param fields all but the key, those that are mostly null last: trailing nulls are left out */
  constructor(key: Key, fields: Readonly<Record<Exclude<keyof T, Key>, null>>) {
    this.#key = key;
    this.#fields = Object.keys(fields) as (keyof T)[];
    this.#empty = { [key]: null, ...fields } as T;
  }

  pack(row: T): string {
    let count = this.#fields.length;
    while (row[this.#fields[count - 1] as keyof T] === null) count--;
    const values: unknown[] = [];
    for (let index = 0; index < count; index++) values.push(row[this.#fields[index] as keyof T]);
    return JSON.stringify(values);
  }

  /** @param values what the text says */
  unpack(key: T[Key], values: readonly unknown[]): T {
    const row = { ...this.#empty };
    row[this.#key] = key;
    for (let index = 0; index < values.length; index++)
      row[this.#fields[index] as keyof T] = values[index] as T[keyof T];
    return row;
  }
}
