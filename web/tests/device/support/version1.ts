/** The databases of a device as version 1 of the app made them, by the browser's own calls alone. */

type Row = Record<string, unknown>;

interface Store {
  name: string;
  keyPath: string | string[];
  isCounting?: boolean;
  indexes?: { name: string; isUnique: boolean }[];
  rows: Row[];
}

/** `trainer` holds the device; `entries` wait, in this order. Resolves when both databases are closed again. */
export async function leaveVersion1(
  name: string,
  trainer: { id: string },
  { sessions, entries }: { sessions: Row[]; entries: Row[] },
): Promise<void> {
  const holder = { trainer, state: "in", since: Date.now() };
  await make(name, [{ name: "meta", keyPath: "key", rows: [{ key: "holder", value: holder }] }]);
  await make(`${name}.${trainer.id}`, [
    { name: "sessions", keyPath: "id", rows: sessions },
    { name: "templates", keyPath: "id", rows: [] },
    { name: "events", keyPath: ["session_id", "seq"], rows: [] },
    {
      name: "outbox",
      keyPath: "position",
      isCounting: true,
      indexes: [
        { name: "id", isUnique: true },
        { name: "session_id", isUnique: false },
      ],
      rows: entries,
    },
  ]);
}

function make(name: string, stores: readonly Store[]): Promise<void> {
  return new Promise((resolve, reject) => {
    // Dexie counts versions in tens.
    const request = indexedDB.open(name, 10);
    request.onupgradeneeded = () => {
      for (const { name: store, keyPath, isCounting, indexes, rows } of stores) {
        const made = request.result.createObjectStore(store, { keyPath, autoIncrement: isCounting === true });
        for (const index of indexes ?? []) made.createIndex(index.name, index.name, { unique: index.isUnique });
        for (const row of rows) made.add(row);
      }
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      request.result.close();
      resolve();
    };
  });
}
