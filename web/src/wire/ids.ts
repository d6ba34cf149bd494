/**
 * A random UUID (version 4). `crypto.randomUUID` exists in secure contexts only, and a hall without
 * internet is served over plain http; `getRandomValues` exists everywhere.
 */
export function newId(source: Pick<Crypto, "getRandomValues"> & { randomUUID?: () => string } = crypto): string {
  if (source.randomUUID !== undefined) return source.randomUUID();
  const bytes = source.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * The id of what takes back the thing of this id: the same with version 8, which is free for uses like this one. So
 * the record itself says what was undone, and nothing can be undone twice.
 */
export function undoIdOf(id: string): string {
  return id.slice(0, VERSION) + "8" + id.slice(VERSION + 1);
}

/** The id of what the thing of this id takes back; null if it takes nothing back. */
export function undoneIdOf(id: string): string | null {
  return id[VERSION] === "8" ? id.slice(0, VERSION) + "4" + id.slice(VERSION + 1) : null;
}

/** Where the version stands in a UUID. */
const VERSION = 14;
