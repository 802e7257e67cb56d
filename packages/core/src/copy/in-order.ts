/** A page of a list, and where the next begins; null after the last. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly cursor: string | null;
}

/** Every item of a list, page by page. */
export async function* pagesOf<Item>(
  read: (cursor: string | null) => Promise<Page<Item>>,
): AsyncGenerator<readonly Item[]> {
  for (let cursor: string | null = null; ;) {
    const page: Page<Item> = await read(cursor);
    yield page.items;
    if (page.cursor === null) return;
    cursor = page.cursor;
  }
}

/** Items one at a time, as many as are asked for. */
class Taker<Item> {
  readonly #pages: AsyncGenerator<readonly Item[]>;
  #items: readonly Item[] = [];
  #next = 0;
  #isOver = false;

  constructor(pages: AsyncGenerator<readonly Item[]>) {
    this.#pages = pages;
  }

  /** Once it has answered null, it does not look again. */
  async next(): Promise<Item | null> {
    while (this.#next === this.#items.length && !this.#isOver) {
      const { value, done } = await this.#pages.next();
      this.#next = 0;
      this.#items = done ? [] : value;
      this.#isOver = done === true;
    }
    return this.#items[this.#next++] ?? null;
  }
}

/**
 * Goes through two lists that have to be the same, and appends to the second what it lacks: so a copy goes on where it
 * ended, however it ended, with no mark of its own.
 *
 * @param compare fails where the two differ.
 */
export async function continueCopy<Item>(
  source: AsyncGenerator<readonly Item[]>,
  target: AsyncGenerator<readonly Item[]>,
  compare: (item: Item | null, copied: Item) => void,
  append: (items: readonly Item[]) => Promise<void>,
  onPage: (items: readonly Item[]) => void,
): Promise<void> {
  const copied = new Taker(target);
  for await (const page of source) {
    const missing: Item[] = [];
    for (const item of page) {
      const there = await copied.next();
      if (there === null) missing.push(item);
      else compare(item, there);
    }
    if (missing.length > 0) await append(missing);
    onPage(page);
  }
  const stranger = await copied.next();
  if (stranger !== null) compare(null, stranger);
}
