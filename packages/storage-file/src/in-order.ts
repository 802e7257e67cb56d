/** Several series that are each in the order of enqueueing, as one. */
export function* inOrder<T extends { readonly sequence: number }>(
  series: readonly Iterable<T>[],
): Generator<T> {
  const iterators = series.map((items) => items[Symbol.iterator]());
  const heads = iterators.map((iterator) => iterator.next());
  for (;;) {
    let first = -1;
    let lowest = Number.POSITIVE_INFINITY;
    for (const [index, { done, value }] of heads.entries()) {
      if (done || value.sequence >= lowest) continue;
      first = index;
      lowest = value.sequence;
    }
    const iterator = iterators[first];
    if (!iterator) return;
    yield heads[first]?.value as T;
    heads[first] = iterator.next();
  }
}
