const LEAST = 16;

/** A column with room for a slot; what is new of it is filled with a number. */
export function grown<T extends Float64Array | Uint32Array | Int32Array>(
  column: T,
  slot: number,
  filling = 0,
): T {
  const longer = new (column.constructor as new (length: number) => T)(
    Math.max(LEAST, 2 * column.length, slot + 1),
  );
  longer.set(column);
  longer.fill(filling, column.length);
  return longer;
}
