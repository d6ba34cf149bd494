import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { describe, expect, it } from "vitest";
import { storesOfPage } from "../../src/dashboard/databases";
import { DeviceDatabase, type Stores } from "../../src/device/database/schema";

const broken = (open: () => unknown): Stores => ({ indexedDB: { open } as unknown as IDBFactory, IDBKeyRange });
const insecure = () => {
  throw new DOMException("The operation is insecure.", "SecurityError");
};

function failing(): object {
  const request: Record<string, unknown> = { error: new DOMException("no", "InvalidStateError") };
  queueMicrotask(() => (request["onerror"] as ((event: object) => void) | undefined)?.({ preventDefault() {}, stopPropagation() {}, target: request }));
  return request;
}

describe("the databases of a page", () => {
  it("are the browser's own where those answer", async () => {
    expect(await storesOfPage({ indexedDB: new IDBFactory(), IDBKeyRange }, 5_000)).toBeNull();
  });

  const browsers: [string, Stores][] = [
    ["are missing", { indexedDB: undefined as unknown as IDBFactory, IDBKeyRange }],
    ["are forbidden", broken(insecure)],
    ["fail", broken(failing)],
    ["never answer", broken(() => ({}))],
  ];
  it.each(browsers)("are in its memory where the browser's %s", async (_, browser) => {
    const stores = await storesOfPage(browser, 100);
    expect(stores).not.toBeNull();
    const database = new DeviceDatabase("shiller", stores);
    await database.meta.put({ key: "holder", value: { trainer: null, state: "out", since: 0 } });
    expect((await database.meta.get("holder"))?.value.state).toBe("out");
    database.close();
  });
});
