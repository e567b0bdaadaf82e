import type { Database } from "./driver.ts";

/** The space that a file takes. */
export interface Space {
  /** The bytes of the pages in use: those of deliveries that were removed are used again. */
  readonly usedBytes: () => number;
}

/** Makes what measures a file, in constant time. */
export function createSpace(database: Database): Space {
  const pages = database.prepare<{ page_count: number }>("PRAGMA page_count");
  const freePages = database.prepare<{ freelist_count: number }>("PRAGMA freelist_count");
  const pageBytes = database.prepare<{ page_size: number }>("PRAGMA page_size").get()?.page_size ?? 0;
  return {
    usedBytes: () => ((pages.get()?.page_count ?? 0) - (freePages.get()?.freelist_count ?? 0)) * pageBytes,
  };
}
