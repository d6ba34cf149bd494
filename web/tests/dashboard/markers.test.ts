import { describe, expect, it } from "vitest";
import { markersFor } from "../../src/dashboard/room/happened/markers";
import type { Case } from "../../src/wire/types";

const item = (key: string, marker: string | null) => ({ key, text: key, critical: false, marker, target_seconds: null, from: null });
const asthma: Pick<Case, "targets" | "checklist"> = {
  checklist: [item("oxygen", "oxygen"), item("grade", null), item("nebuliser", "nebuliser"), item("shock", "defibrillation")],
  targets: [{ marker: "defibrillation", seconds: 120, from: "arrest" }, { marker: "adrenaline", seconds: 300, from: "arrest" }],
};

describe("the one-tap markers of a case", () => {
  it("begin with what its checklist asks for, in its order; then come its targets, then the usual ones", () => {
    const { near } = markersFor(asthma, { compressions: null, isDesk: false });
    expect(near.slice(0, 6)).toEqual(["oxygen", "nebuliser", "defibrillation", "adrenaline", "help", "arrest_recognised"]);
  });

  it("stand once each", () => {
    const { near, further } = markersFor(asthma, { compressions: null, isDesk: true });
    expect(new Set([...near, ...further]).size).toBe(near.length + further.length);
  });
});
