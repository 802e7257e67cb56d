import type { KeptRecord, RecordPlace, RecordStore, ScanRange, ScannedRecord } from "@omniq/core/storage";

interface Entry {
  readonly text: string;
  readonly places: readonly RecordPlace[];
  readonly version: number;
}

/** Records in a Map. Each operation is atomic because none of them waits for anything. */
export class MapStore implements RecordStore {
  readonly #entries = new Map<string, Entry>();
  readonly #counters = new Map<string, number>();

  async insert(key: string, text: string, places: readonly RecordPlace[]): Promise<boolean> {
    if (this.#entries.has(key)) return false;
    this.#entries.set(key, { text, places, version: 1 });
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
    this.#entries.set(key, { text, places, version: entry.version + 1 });
    return true;
  }

  async remove({ key, version }: KeptRecord): Promise<boolean> {
    return this.#entries.get(key)?.version === version && this.#entries.delete(key);
  }

  async scan(partition: string, { after, upTo, limit }: ScanRange): Promise<readonly ScannedRecord[]> {
    const found: ScannedRecord[] = [];
    for (const [key, { text, places, version }] of this.#entries) {
      const order = places.find((place) => place.partition === partition)?.order;
      if (order === undefined || order <= (after ?? "") || (upTo !== null && order > upTo)) continue;
      found.push({ key, text, version, order });
    }
    return found.sort((a, b) => (a.order < b.order ? -1 : 1)).slice(0, limit);
  }

  async increment(counter: string): Promise<number> {
    const next = (this.#counters.get(counter) ?? 0) + 1;
    this.#counters.set(counter, next);
    return next;
  }

  async clear(): Promise<void> {
    this.#entries.clear();
    this.#counters.clear();
  }
}
