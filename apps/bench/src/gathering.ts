/** Gathers calls that come in one turn of the event loop into one, as little as that takes. */
export function gathering<T>(store: (items: readonly T[]) => Promise<unknown>): (item: T) => Promise<void> {
  let gathered: {
    readonly item: T;
    readonly resolve: () => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  let isBusy = false;
  const flush = async (): Promise<void> => {
    while (gathered.length > 0) {
      const batch = gathered;
      gathered = [];
      try {
        await store(batch.map(({ item }) => item));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    isBusy = false;
  };
  return (item) =>
    new Promise((resolve, reject) => {
      gathered.push({ item, resolve, reject });
      if (isBusy) return;
      isBusy = true;
      setImmediate(() => void flush());
    });
}
