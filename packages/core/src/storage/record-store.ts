/** A record as a {@link RecordStore} gives it out. */
export interface KeptRecord {
  readonly key: string;
  readonly text: string;
  /** Changes with every write to the record. Whatever the store likes: a number, a text, an etag. */
  readonly version: unknown;
}

/** A record as a scan gives it out, with its place in the partition that was scanned. */
export interface ScannedRecord extends KeptRecord {
  readonly order: string;
}

/** Where a scan finds a record. Several records may share an order. */
export interface RecordPlace {
  readonly partition: string;
  /** Scans go by this, as bytes are compared; all of it is ASCII. */
  readonly order: string;
}

export interface ScanRange {
  /** Only what lies behind this; null from the beginning. */
  readonly after: string | null;
  /** Only up to this, itself included; null to the end. */
  readonly upTo: string | null;
  readonly limit: number;
}

/**
 * Seven operations over keyed records: all that {@link RecordStorage} needs to keep the whole contract. Each is
 * atomic, and what it wrote is seen by every read that begins after it. Keys are any text; compare them byte for byte.
 */
export interface RecordStore {
  /** Stores a record unless its key is taken; false where it is. */
  insert(key: string, text: string, places: readonly RecordPlace[]): Promise<boolean>;
  get(key: string): Promise<KeptRecord | null>;
  /** Puts another text and other places in the stead of a record that is still as it was read; false otherwise. */
  replace(read: KeptRecord, text: string, places: readonly RecordPlace[]): Promise<boolean>;
  /** Removes a record that is still as it was read; false otherwise. */
  remove(read: KeptRecord): Promise<boolean>;
  /** The records that have a place in the partition, in order. */
  scan(partition: string, range: ScanRange): Promise<readonly ScannedRecord[]>;
  /** Adds one to a counter and answers it; a new one begins at 1. It never goes back. */
  increment(counter: string): Promise<number>;
  /** Removes every record and counter. */
  clear(): Promise<void>;
}
