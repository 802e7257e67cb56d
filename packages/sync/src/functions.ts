export type Callable = (...args: unknown[]) => unknown;

/** The functions of one side, by the numbers under which the other may ask for them. */
export class Functions {
  readonly #functions: Callable[] = [];
  readonly #numbers = new Map<Callable, number>();

  /** The same for the same function. */
  numberOf(callable: Callable): number {
    const known = this.#numbers.get(callable);
    if (known !== undefined) return known;
    const number = this.#functions.push(callable) - 1;
    this.#numbers.set(callable, number);
    return number;
  }

  get(number: number): Callable {
    return this.#functions[number] as Callable;
  }
}
