import { describe, expect, it } from "vitest";
import { blankStep } from "../../src/dashboard/editor/parts";
import { markersFor } from "../../src/dashboard/room/happened/markers";
import type { Case } from "../../src/wire/types";

const item = (key: string, marker: string | null) => ({ key, text: key, critical: false, marker, target_seconds: null, from: null });
const waiting = { ...blankStep("worse"), transitions: [{ to: null, label: null, automatic: true, on: { marker: "naloxone", count: 1 } }] };
const asthma: Pick<Case, "targets" | "checklist" | "steps"> = {
  steps: [waiting],
  checklist: [item("oxygen", "oxygen"), item("grade", null), item("nebuliser", "nebuliser"), item("shock", "defibrillation")],
  targets: [{ marker: "defibrillation", seconds: 120, from: "arrest" }, { marker: "adrenaline", seconds: 300, from: "arrest" }],
};

describe("the one-tap markers of a case", () => {
  it("begin with what its checklist asks for, in its order; then come its targets, what its steps wait for, and the usual ones", () => {
    const { near } = markersFor(asthma, { compressions: null, isDesk: false });
    expect(near.slice(0, 7)).toEqual(["oxygen", "nebuliser", "defibrillation", "adrenaline", "naloxone", "help", "arrest_recognised"]);
  });

  it("stand once each", () => {
    const { near, further } = markersFor(asthma, { compressions: null, isDesk: true });
    expect(new Set([...near, ...further]).size).toBe(near.length + further.length);
  });
});
