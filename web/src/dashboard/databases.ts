import { DeviceDatabase, type Stores } from "../device/database/schema";

/** A browser that does not answer for so long will not answer. */
const PATIENCE_MS = 5_000;

/** `browsers`: of a test; null: what the browser gives. Null is the answer where that can be worked with. */
export async function storesOfPage(browsers: Stores | null = null, patience = PATIENCE_MS): Promise<Stores | null> {
  if (await answers(browsers, patience)) return null;
  // The same in the memory of this page: a trainer works on, as long as the network is there.
  const { IDBFactory, IDBKeyRange } = await import("fake-indexeddb");
  return { indexedDB: new IDBFactory(), IDBKeyRange };
}

/** Whether databases are there, can be opened and are read: site data may be blocked, or what holds it broken. */
async function answers(browsers: Stores | null, patience: number): Promise<boolean> {
  const tried = new DeviceDatabase("shiller", browsers);
  let alarm: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<boolean>((resolve) => {
    alarm = setTimeout(() => resolve(false), patience);
  });
  const answer = tried.meta.get("holder").then(
    () => true,
    () => false,
  );
  const isThere = await Promise.race([answer, silence]);
  clearTimeout(alarm);
  tried.close();
  return isThere;
}
