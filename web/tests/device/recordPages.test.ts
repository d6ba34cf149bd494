import { describe, expect, it } from "vitest";
import { nextEvents, recordPages } from "../../src/device/sync/recordPages";
import { LARGEST_PAGE, type Api } from "../../src/wire/api";
import type { SessionEvent } from "../../src/wire/types";

/** A record of `last` events, and the places at which it was asked before anything was answered. */
function recordOf(last: number, refusedAt: number | null = null) {
  const asked: number[] = [];
  const events: Api["events"] = async (_sessionId, after) => {
    asked.push(after);
    await Promise.resolve();
    if (after === refusedAt) return { ok: false, refusal: { code: "storage_unavailable", detail: "" } };
    const items = Array.from({ length: Math.max(0, Math.min(LARGEST_PAGE, last - after)) }, (__, n) => ({ seq: after + n + 1 }) as SessionEvent);
    return { ok: true, value: { items, last_seq: last } };
  };
  return { api: { events } as Api, asked };
}

async function seqs(record: ReturnType<typeof recordOf>, after: number, last: number) {
  const answer = nextEvents(record.api, "session", after, last);
  const together = [...record.asked];
  const read = await answer;
  return { together, seqs: read.ok ? read.value.map(({ seq }) => seq) : read.refusal.code };
}

describe("the next events of a record", () => {
  it("are asked for page beside page, and come in order", async () => {
    const read = await seqs(recordOf(20_000), 100, 20_000);
    expect(read.together).toEqual([100, 300, 500, 700]);
    expect(read.seqs).toEqual(Array.from({ length: 4 * LARGEST_PAGE }, (_, n) => 101 + n));
  });

  it("are no more pages than there are", async () => {
    expect((await seqs(recordOf(301), 100, 301)).together).toEqual([100, 300]);
    expect(await seqs(recordOf(301), 300, 301)).toEqual({ together: [300], seqs: [301] });
    expect(await seqs(recordOf(5), 5, 5)).toEqual({ together: [5], seqs: [] });
  });

  it("are those in front of a page that was refused; the refusal, if it is the first", async () => {
    const read = await seqs(recordOf(900, 200), 0, 900);
    expect(read.seqs).toEqual(Array.from({ length: LARGEST_PAGE }, (_, n) => n + 1));
    expect((await seqs(recordOf(900, 0), 0, 900)).seqs).toBe("storage_unavailable");
  });
});

describe("the pages of a record", () => {
  /** The seqs at which pages began, and how many had been asked for when each was taken. */
  async function pages(record: ReturnType<typeof recordOf>, after: number, last: number) {
    const taken: [number | string, number][] = [];
    for await (const page of recordPages(record.api, "session", after, last))
      taken.push([page.ok ? (page.value[0]?.seq ?? "none") : page.refusal.code, record.asked.length]);
    return taken;
  }

  it("come in order to the end, and four of them are under way all the time", async () => {
    const record = recordOf(1_101);
    expect(await pages(record, 0, 1_101)).toEqual([[1, 4], [201, 5], [401, 6], [601, 6], [801, 6], [1_001, 6]]);
    expect(record.asked).toEqual([0, 200, 400, 600, 800, 1_000]);
  });

  it("are one at the least, also where nothing is known to be missing", async () => {
    expect(await pages(recordOf(7), 5, 5)).toEqual([[6, 1]]);
    expect(await pages(recordOf(5), 5, 5)).toEqual([["none", 1]]);
  });

  it("end with one that is refused, and with one that is not full", async () => {
    expect((await pages(recordOf(2_000, 400), 0, 2_000)).map(([first]) => first)).toEqual([1, 201, "storage_unavailable"]);
    expect((await pages(recordOf(300), 0, 2_000)).map(([first]) => first)).toEqual([1, 201]);
  });
});
