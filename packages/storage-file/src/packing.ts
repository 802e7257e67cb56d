/**
 * Flat rows as the JSON text of what their fields hold, in a fixed order: half of what it is with the names of the fields,
 * and made and read in less than half of the time. The field that is the key of a row stands elsewhere.
 */
export class Packing<T extends object, Key extends keyof T> {
  readonly #valuesOf: (row: T) => unknown[];
  readonly #key: Key;
  readonly #fields: readonly (keyof T)[];
  readonly #empty: T;

  /**
   * @param valuesOf all fields of a row but for the key, those that are mostly null last: trailing nulls are left out. They
   *   are named one by one, since to look each up by name takes twice as long. What it answers for a row in which each
   *   field holds its own name says where each field stands
   */
  constructor(key: Key, valuesOf: (row: T) => unknown[]) {
    this.#valuesOf = valuesOf;
    this.#key = key;
    const named = new Proxy({}, { get: (_row, field) => field }) as T;
    this.#fields = valuesOf(named) as readonly (keyof T)[];
    this.#empty = Object.fromEntries([key, ...this.#fields].map((field) => [field, null])) as T;
  }

  pack(row: T): string {
    const values = this.#valuesOf(row);
    while (values.length > 0 && (values[values.length - 1] ?? null) === null) values.pop();
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
