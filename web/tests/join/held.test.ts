import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hold, isHeldElsewhere } from "../../src/join/held";

/** What a browser's locks do that are shared: they are held until what they were asked for is done. */
function someLocks() {
  const held: { name: string }[] = [];
  return {
    request: async (name: string, _: object, work: () => Promise<void>) => {
      const lock = { name };
      held.push(lock);
      await work();
      held.splice(held.indexOf(lock), 1);
    },
    query: () => Promise.resolve({ held: [...held], pending: [] }),
  } as unknown as LockManager;
}

beforeEach(() => vi.stubGlobal("navigator", {}));
afterEach(() => vi.unstubAllGlobals());

describe("a seat that another tab holds", () => {
  it("is known by its lock, whatever that tab is busy with, until it is let go", async () => {
    const locks = someLocks();
    vi.stubGlobal("BroadcastChannel", undefined);
    const letGo = hold("s1", locks);
    expect([await isHeldElsewhere("s1", locks), await isHeldElsewhere("s2", locks)]).toEqual([true, false]);
    letGo();
    await vi.waitFor(async () => expect(await isHeldElsewhere("s1", locks)).toBe(false));
  });

  it("is asked for where there are no locks, of a tab that answers late, too", async () => {
    const busy = new BroadcastChannel("shiller.seats");
    busy.onmessage = ({ data }: MessageEvent<{ kind: string; session_id: string }>) => {
      if (data.kind === "who") setTimeout(() => busy.postMessage({ kind: "me", session_id: data.session_id }), 300);
    };
    expect(await isHeldElsewhere("s1")).toBe(true);
    busy.close();
  });

  it("is asked for where locks refuse to be used, and is free where nobody answers", async () => {
    const refusing = { request: () => Promise.reject(new Error()), query: () => Promise.reject(new Error()) } as unknown as LockManager;
    const letGo = hold("s1", refusing);
    expect(await isHeldElsewhere("s1", refusing)).toBe(true);
    letGo();
    expect(await isHeldElsewhere("s1", refusing)).toBe(false);
  });
});
