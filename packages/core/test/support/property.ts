import { type Arbitrary, assert as check, property as propertyOf } from "fast-check";

/**
 * Checks a property on generated values. A failure says the seed and the path; give both back as `again` to see
 * it again: `OMNIQ_SEED=-1234 OMNIQ_PATH=12:3 pnpm test FILE`.
 */
export function checked<T>(values: Arbitrary<T>, property: (value: T) => void): void {
  const { OMNIQ_SEED: seed, OMNIQ_PATH: path } = process.env;
  check(
    propertyOf(values, (value) => {
      property(value);
    }),
    { numRuns: 1000, ...(seed && { seed: Number(seed) }), ...(path && { path }) },
  );
}
