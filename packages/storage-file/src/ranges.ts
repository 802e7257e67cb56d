/** Numbers in ascending order, as the first and the last of each unbroken run. */
export type Ranges = readonly (readonly [first: number, last: number])[];

export function rangesOf(numbers: Iterable<number>): Ranges {
  const ranges: [number, number][] = [];
  let open: [number, number] | undefined;
  for (const number of numbers) {
    if (open && number === open[1] + 1) open[1] = number;
    else ranges.push((open = [number, number]));
  }
  return ranges;
}

export function* numbersIn(ranges: Ranges): Generator<number> {
  for (const [first, last] of ranges) for (let number = first; number <= last; number++) yield number;
}

export function countIn(ranges: Ranges): number {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

export function isIn(ranges: Ranges, number: number): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle]?.[1] as number) < number) low = middle + 1;
    else high = middle;
  }
  return (ranges[low]?.[0] ?? Number.POSITIVE_INFINITY) <= number;
}
