import { describe, expect, it } from "vitest";
import acs from "../../../../seeds/templates/acute_coronary_syndrome.json";
import anaphylaxis from "../../../../seeds/templates/anaphylaxis.json";
import asthma from "../../../../seeds/templates/asthma.json";
import haemorrhage from "../../../../seeds/templates/haemorrhage.json";
import opioid from "../../../../seeds/templates/opioid_overdose.json";
import sepsis from "../../../../seeds/templates/sepsis.json";
import { figureOf, FIGURES, isStricter, sourceOf } from "../../../src/dashboard/editor/figures";
import { caseOfSession } from "../../../src/dashboard/editor/fromSession";
import { inLanguage, twinId, twinOf, unlike } from "../../../src/dashboard/editor/pairs";
import { blankCase, blankStep } from "../../../src/dashboard/editor/parts";
import { changedFields, newGround, rebased } from "../../../src/dashboard/editor/rebasing";
import { readSeconds } from "../../../src/dashboard/editor/seconds";
import { faultsOf } from "../../../src/dashboard/editor/whole";
import { lasting } from "../../../src/dashboard/fmt";
import { patchWords } from "../../../src/dashboard/words";
import { ADULT_LIMITS } from "../../../src/patient/signs";
import type { SessionEvent } from "../../../src/wire/types";
import { aCase, anEvent, aTemplate, NOON } from "../fakeDevice";

describe("a time as one says it", () => {
  it.each([
    ["90", 90], ["90 s", 90], ["1:30", 90], ["1 min 30", 90], ["1 min 30 s", 90], ["2min", 120], ["1:02:03", 3723], ["2 h", 7200], ["1 h 5 min", 3900], ["0", 0],
  ])("%s", (text, seconds) => expect(readSeconds(text)).toBe(seconds)); // prettier-ignore

  it.each(["", "soon", "-5", "1:75", "1.5", "min", "5 5"])("%s is none", (text) => expect(readSeconds(text)).toBeNull());

  it("is read back as it is written", () => {
    for (const seconds of [1, 59, 60, 61, 90, 119, 600, 3599, 3600, 3660, 7200]) expect(readSeconds(lasting(seconds))).toBe(seconds);
  });
});

describe("the two versions of a case", () => {
  const ids = ["00000000-0000-4000-8000-000000000000", "ffffffff-ffff-4fff-bfff-ffffffffffff", "3f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b"];

  it.each(ids)("%s has a twin that is a random UUID as well, whose twin it is", (id) => {
    expect(twinId(id)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(twinId(id)).not.toBe(id);
    expect(twinId(twinId(id))).toBe(id);
  });

  it("find each other by the id, whatever became of the steps, and supplied ones by their own keys", () => {
    const english = aTemplate({ id: ids[2]!, steps: [blankStep("step_1")] });
    const french = aTemplate({ id: twinId(ids[2]!), language: "fr" });
    expect(twinOf(english.id, english, [english, french])?.id).toBe(french.id);
    const [one, other] = [aTemplate({ id: ids[0]!, steps: [blankStep("shock")] }), aTemplate({ id: ids[1]!, language: "fr", steps: [blankStep("shock")] })];
    expect(twinOf(one.id, one, [one, other, english])?.id).toBe(other.id);
    expect(twinOf(one.id, { ...one, steps: [blankStep("step_1")] }, [one, { ...other, steps: [blankStep("step_1")] }])).toBeNull();
  });

  it("differ in their words alone until a number is another one", () => {
    const draft = { ...blankCase("en"), steps: [{ ...blankStep("step_1"), title: "Shock", vitals: { spo2: 88 } }] };
    const french = inLanguage(draft, "fr");
    french.steps[0]!.title = "Choc";
    expect(unlike(draft, french)).toEqual([]);
    french.steps[0]!.vitals = { spo2: 86 };
    expect(unlike(draft, french)).toEqual(["steps"]);
  });
});

describe("a draft on which a colleague works, too", () => {
  const base = aTemplate({ title: "Sepsis", description: "A man of 60.", version: 3 });

  it("takes what it has not touched, and saves on the newest version", () => {
    const draft = { ...base, title: "Urosepsis" };
    const newest = { base: { ...base, description: "A man of 70." }, version: 9 };
    expect(newGround({ base, version: 5 }, draft, newest)).toEqual(newest);
    expect(rebased(base, draft, newest.base)).toMatchObject({ title: "Urosepsis", description: "A man of 70." });
  });

  it("stays on what it has seen where both have changed the same, so that it is a conflict", () => {
    const draft = { ...base, title: "Urosepsis" };
    const newest = { base: { ...base, title: "Septic shock", description: "A man of 70." }, version: 9 };
    const ground = newGround({ base, version: 5 }, draft, newest);
    expect(ground).toMatchObject({ version: 5, base: { title: "Sepsis", description: "A man of 70." } });
    const after = rebased(base, draft, newest.base);
    expect(changedFields(ground.base, after)).toEqual(["title"]);
  });

  it("has nothing of its own left when the colleague has written the same", () => {
    const draft = { ...base, title: "Urosepsis" };
    const newest = { base: { ...base, title: "Urosepsis" }, version: 9 };
    expect(newGround({ base, version: 5 }, draft, newest)).toEqual(newest);
  });
});

type SeedItem = { marker?: string | null; from?: string | null; target_seconds?: number | null };

describe("the figures", () => {
  it("are found for a marker, and known as what they are", () => {
    for (const figure of FIGURES) expect(sourceOf(figure)).not.toBeNull();
    expect(figureOf("defibrillation")).toMatchObject({ seconds: 120, from: "arrest_recognised" });
    expect(sourceOf({ marker: "defibrillation", from: "start", seconds: 120 })).toBeNull();
    expect(figureOf("handover")).toBeNull();
  });

  it("stand behind every time that the supplied cases ask for", () => {
    const times = [acs, anaphylaxis, asthma, haemorrhage, opioid, sepsis].flatMap(({ targets, checklist }) => [
      ...targets,
      ...checklist.flatMap(({ marker, from, target_seconds: seconds }: SeedItem) =>
        marker != null && from != null && seconds != null ? [{ marker, from, seconds }] : [],
      ),
    ]);
    expect(times.length).toBeGreaterThan(20);
    const unknown = times.filter((time) => {
      const usual = figureOf(time.marker);
      return sourceOf(time) === null && (usual === null || !isStricter(time, usual));
    });
    expect(unknown).toEqual([]);
  });
});

describe("a session that is made a case", () => {
  const at = (seconds: number) => new Date(NOON + seconds * 1000).toISOString();
  const push = (seq: number, seconds: number, part: Partial<SessionEvent>) =>
    anEvent({ id: `event-${seq}`, seq, kind: "vitals", created_at: at(seconds), ...part });
  const lived = { title: "Simulated", public_title: "A man", limits: ADULT_LIMITS, created_at: at(0) };

  it("has what was pushed as steps at their seconds, pushes together as one, and no compressions", () => {
    const events = [
      push(1, 0, { heart_rate: 90 }),
      push(2, 60, { spo2: 88, ramp_seconds: 30 }),
      push(3, 62, { heart_rate: 120 }),
      push(4, 100, { flags: { cpr: true } }),
      anEvent({ id: "note", seq: 5, kind: "note", text: "ROSC", created_at: at(110) }),
      push(6, 120, { rhythm: "ventricular_fibrillation", flags: { pulseless: true } }),
    ];
    const draft = caseOfSession({ ...lived, itsCase: null, events }, "en", patchWords);
    expect(draft.vitals).toEqual({ heart_rate: 90 });
    expect(draft.steps).toMatchObject([
      { key: "step_1", at_seconds: 60, ramp_seconds: 30, vitals: { spo2: 88, heart_rate: 120 } },
      { key: "step_2", at_seconds: 120, rhythm: "ventricular_fibrillation", flags: { pulseless: true } },
    ]);
    expect(faultsOf(draft)).toEqual([]);
  });

  it("keeps the steps of its case, with what came between at its place", () => {
    const itsCase = aCase({ description: "About", steps: [{ ...blankStep("first"), title: "First" }, { ...blankStep("second"), title: "Second" }] });
    const events = [push(1, 10, { step: "first", spo2: 90 }), push(2, 40, { spo2: 80 }), push(3, 60, { step: "second", spo2: 95 })];
    const draft = caseOfSession({ ...lived, itsCase, events }, "en", patchWords);
    expect(draft.steps.map(({ key }) => key)).toEqual(["first", "step_1", "second"]);
    expect(draft).toMatchObject({ description: "About", title: "Simulated", public_title: "A man" });
  });

  it("begins with what was changed before the first step of its case", () => {
    const itsCase = aCase({ steps: [{ ...blankStep("first"), title: "First" }] });
    const events = [push(1, 0, { heart_rate: 80, spo2: 97 }), push(2, 30, { heart_rate: 95 }), push(3, 60, { step: "first" }), push(4, 90, { spo2: 80 })];
    const draft = caseOfSession({ ...lived, itsCase, events }, "en", patchWords);
    expect(draft.vitals).toEqual({ heart_rate: 95, spo2: 97 });
    expect(draft.steps.map(({ key }) => key)).toEqual(["first", "step_1"]);
  });

  it("has no more steps than a case may have", () => {
    const events = Array.from({ length: 140 }, (_, place) => push(place + 1, 20 + place * 20, { heart_rate: 60 + place }));
    expect(caseOfSession({ ...lived, itsCase: null, events }, "en", patchWords).steps).toHaveLength(100);
  });
});
