import { MAX_PAGE } from "./limits.ts";
import type { RecordStore, ScannedRecord } from "./record-store.ts";

/** All records of a partition that lie behind `after`, page by page. */
export async function* scanAll(
  store: RecordStore,
  partition: string,
  after: string | null = null,
  pageSize = MAX_PAGE,
): AsyncGenerator<ScannedRecord> {
  let last = after;
  for (;;) {
    const page = await store.scan(partition, { after: last, upTo: null, limit: pageSize });
    yield* page;
    last = page.at(-1)?.order ?? null;
    if (page.length < pageSize) return;
  }
}
