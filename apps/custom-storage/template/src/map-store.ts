import type { KeptRecord, RecordPlace, RecordStore, ScanRange, ScannedRecord } from "@omniq/core/storage";

interface Entry {
  readonly text: string;
  readonly places: readonly RecordPlace[];
  readonly version: number;
}

/** Where a record stands in a partition. */
interface Spot {
  readonly order: string;
  readonly key: string;
}

/** Records in a Map, and their places in sorted lists. Each operation is atomic because none of them waits. */
export class MapStore implements RecordStore {
  /** How many records scans have looked at. */
  examined = 0;
  readonly #entries = new Map<string, Entry>();
  readonly #partitions = new Map<string, Spot[]>();
  readonly #counters = new Map<string, number>();

  async insert(key: string, text: string, places: readonly RecordPlace[]): Promise<boolean> {
    if (this.#entries.has(key)) return false;
    this.#put(key, { text, places, version: 1 });
    return true;
  }

  async get(key: string): Promise<KeptRecord | null> {
    const entry = this.#entries.get(key);
    return entry ? { key, text: entry.text, version: entry.version } : null;
  }

  async replace(
    { key, version }: KeptRecord,
    text: string,
    places: readonly RecordPlace[],
  ): Promise<boolean> {
    const entry = this.#entries.get(key);
    if (!entry || entry.version !== version) return false;
    this.#take(key);
    this.#put(key, { text, places, version: entry.version + 1 });
    return true;
  }

  async remove({ key, version }: KeptRecord): Promise<boolean> {
    if (this.#entries.get(key)?.version !== version) return false;
    this.#take(key);
    return true;
  }

  async scan(partition: string, { after, upTo, limit }: ScanRange): Promise<readonly ScannedRecord[]> {
    const spots = this.#partitions.get(partition) ?? [];
    const found: ScannedRecord[] = [];
    let index = after === null ? 0 : this.#indexOf(spots, after);
    for (; index < spots.length && found.length < limit; index++) {
      const { order, key } = spots[index] as Spot;
      this.examined++;
      if (upTo !== null && order > upTo) break;
      const { text, version } = this.#entries.get(key) as Entry;
      if (order !== after) found.push({ key, text, version, order });
    }
    return found;
  }

  async increment(counter: string): Promise<number> {
    const next = (this.#counters.get(counter) ?? 0) + 1;
    this.#counters.set(counter, next);
    return next;
  }

  async clear(): Promise<void> {
    for (const map of [this.#entries, this.#partitions, this.#counters]) map.clear();
  }

  #put(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    for (const { partition, order } of entry.places) {
      const spots = this.#partitions.get(partition) ?? [];
      this.#partitions.set(partition, spots);
      spots.splice(this.#indexOf(spots, order), 0, { order, key });
    }
  }

  #take(key: string): void {
    for (const { partition, order } of this.#entries.get(key)?.places ?? []) {
      const spots = this.#partitions.get(partition) ?? [];
      let index = this.#indexOf(spots, order);
      while (spots[index]?.key !== key) index++;
      spots.splice(index, 1);
    }
    this.#entries.delete(key);
  }

  /** Where an order is, or would be: by halves. */
  #indexOf(spots: readonly Spot[], order: string): number {
    let low = 0;
    for (let high = spots.length; low < high;) {
      const middle = (low + high) >> 1;
      if ((spots[middle] as Spot).order < order) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
