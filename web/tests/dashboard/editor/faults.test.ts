import { describe, expect, it } from "vitest";
import type { CaseDraft } from "../../../src/dashboard/editor/draft";
import { blankCase } from "../../../src/dashboard/editor/parts";
import { faultsOf } from "../../../src/dashboard/editor/whole";
import { ADULT_LIMITS } from "../../../src/patient/signs";
import file from "../../../../tests/vectors/case_faults.json";

interface Vector {
  case: string;
  draft: Partial<CaseDraft>;
  errors: string[];
  warnings: [string, string][];
}

const VECTORS = file.vectors as unknown as Vector[];

function drafted({ limits, ...part }: Partial<CaseDraft>): CaseDraft {
  return { ...blankCase("en"), title: "A case", ...part, limits: { ...ADULT_LIMITS, ...limits } };
}

/** What the screens see and the server leaves to whoever writes. */
const OWN_WARNINGS = ["endless", "impossible_from"];

describe("the vectors that the server is held to as well", () => {
  it.each(VECTORS)("$case", ({ draft, errors, warnings }) => {
    const whole = drafted(draft);
    const found = faultsOf(whole);
    const fields = [...new Set(found.filter(({ level }) => level === "error").map(({ field }) => field))];
    // Everything that the server refuses is said; of what it reads no further, the screens may say more.
    for (const field of errors) expect(fields).toContain(field);
    if (errors.length === 0) expect(fields).toEqual([]);
    if (errors.length > 0) return;
    const said = found.filter(({ code }) => !OWN_WARNINGS.includes(code));
    const steps = said.map(({ code, field }) => [code, whole.steps[Number(field.split(".")[1])]!.key]);
    expect(steps.sort()).toEqual(warnings);
  });
});

describe("a text that no database keeps", () => {
  const codes = (title: string) => faultsOf(drafted({ title })).map(({ code }) => code);

  it.each(["\ud83d", "\ude00", "Half \ud83d a pair", "\ude00\ud83d", "A\0B"])("is found: %j", (title) => {
    expect(codes(title)).toContain("characters");
  });

  it.each(["\ud83d\ude00", "Whole \ud83d\ude00\ud83d\ude00 pairs", "Œdème"])("is not found in %j", (title) => {
    expect(codes(title)).not.toContain("characters");
  });
});

describe("what only the whole shows", () => {
  const step = (key: string, part: object = {}) => ({
    key, title: key, at_seconds: null, ramp_seconds: 0, vitals: {}, rhythm: null, flags: {}, note: null, transitions: [], ...part,
  }); // prettier-ignore
  const way = (to: string | null) => ({ to, label: null, automatic: true, on: { after: 60 } });
  const codes = (draft: Partial<CaseDraft>) => faultsOf(drafted(draft)).map(({ code, field }) => `${code} ${field}`);

  it("a round that cannot be left", () => {
    const round = [step("one", { transitions: [way("two")] }), step("two", { transitions: [way("one")] })];
    expect(codes({ steps: round })).toEqual(["endless steps.0"]);
    const left = [round[0]!, step("two", { transitions: [way("one"), way(null)] })];
    expect(codes({ steps: left })).toEqual([]);
    const stays = [round[0]!, step("two", { transitions: [way("one"), way("three")] }), step("three")];
    expect(codes({ steps: stays })).toEqual([]);
  });

  it("pressures that cannot be where a way leads past the order of the list", () => {
    const steps = [
      step("one", { transitions: [way("three"), way("two")] }),
      step("two", { vitals: { systolic: 140 }, transitions: [way("three")] }),
      step("three", { vitals: { diastolic: 130 } }),
    ];
    const found = faultsOf(drafted({ steps }));
    expect(found).toMatchObject([
      { field: "steps.2", code: "impossible_from", level: "warning", values: { diastolic: 130, systolic: 120 }, steps: ["one"] },
    ]);
  });

  it("a hundred steps, each with eight ways to any other, in a moment", () => {
    const keys = Array.from({ length: 100 }, (_, place) => `step_${place + 1}`);
    const steps = keys.map((key, place) =>
      step(key, {
        vitals: { systolic: 100 + place, diastolic: 40 + (place % 50) },
        transitions: Array.from({ length: 8 }, (_, number) => way(keys[(place * 7 + number * 13) % 100]!)),
      }),
    );
    expect(faultsOf(drafted({ steps })).filter(({ level }) => level === "error")).toEqual([]);
    // Every way through them would take longer than any test may.
  });
});
