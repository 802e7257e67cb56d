/**
 * Flat rows as the JSON text of what their fields hold, in a fixed order: half of what it is with the names of the fields,
 * and made and read in less than half of the time. The field that is the key of a row stands elsewhere.
 */
export class Packing<T extends object, Key extends keyof T> {
  readonly #inOrder: (row: T) => Omit<T, Key>;
  readonly #key: Key;
  readonly #fields: readonly (keyof T)[];
  readonly #empty: T;

  /**
   * @param inOrder the fields of a row but for the key, those that are mostly null last: trailing nulls are left out. They
   *   are named one by one, since to look each up by name takes twice as long
   */
  constructor(key: Key, inOrder: (row: T) => Omit<T, Key>) {
    this.#inOrder = inOrder;
    this.#key = key;
    this.#fields = Object.keys(inOrder({} as T)) as (keyof T)[];
    this.#empty = Object.fromEntries([key, ...this.#fields].map((field) => [field, null])) as T;
  }

  pack(row: T): string {
    const values = Object.values(this.#inOrder(row));
    let end = values.length;
    while (end > 0 && values[end - 1] === null) end--;
    values.length = end;
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
