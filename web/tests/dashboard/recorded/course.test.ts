import { describe, expect, it } from "vitest";
import { contentOfMade, type Made } from "../../../src/dashboard/recorded/course/made";
import { GRID_SECONDS } from "../../../src/dashboard/recorded/course/grid";
import { TOLERANCES } from "../../../src/dashboard/recorded/course/tolerances";
import { inSlices } from "../../../src/dashboard/recorded/slices";
import { BOUNDS } from "../../../src/generated/catalogue";
import { fold } from "../../../src/patient/fold";
import { advance, nextMove, progressOf, type CaseEvent } from "../../../src/patient/moves";
import { SIGNS, SIGN_NAMES, START_VALUES } from "../../../src/patient/signs";
import type { LastValues, SignName, TemplateStep } from "../../../src/wire/types";
import file from "../../../../tests/vectors/recorded.json";
import { madeFrom, SAID } from "./reading";

/** What a recording becomes: cleaned, thinned, and a case that plays it by itself. */

interface Vector {
  case: string;
  table: string[];
  template: object;
  kept: number;
  points: number;
  deviations: Partial<Record<SignName, number>>;
  measured: Partial<Record<SignName, [number, number][]>>;
}

const deviationsOf = (made: Made) => Object.fromEntries(made.signs.map(({ name, deviation }) => [name, deviation]));
const measuredOf = (made: Made) =>
  Object.fromEntries(
    made.grid.signs.map(({ name, measured }) => [
      name,
      [...measured.entries()].filter(([, value]) => !Number.isNaN(value)).map(([cell, value]) => [cell * GRID_SECONDS, value]),
    ]),
  );
const patchOf = ({ vitals, flags, ramp_seconds }: TemplateStep) => ({ vitals, flags, ramp_seconds });

describe("the vectors that the server is held to as well", () => {
  it.each(file.vectors as unknown as Vector[])("$case", (vector) => {
    const { made } = madeFrom(vector.table);
    expect(JSON.parse(JSON.stringify(contentOfMade(made, SAID)))).toEqual(vector.template);
    expect([made.kept, made.points]).toEqual([vector.kept, vector.points]);
    expect(deviationsOf(made)).toEqual(vector.deviations);
    expect(measuredOf(made)).toEqual(vector.measured);
  });
});

const HEAD = "s;FC;SpO2;PAS;PAD;FR;EtCO2;Temp";
const row = (at: number, part: Partial<Record<SignName, number | string>>) =>
  [at, part.heart_rate, part.spo2, part.systolic, part.diastolic, part.respiratory_rate, part.etco2, part.temperature]
    .map((cell) => cell ?? "")
    .join(";");
const table = (moments: number, of: (at: number) => Partial<Record<SignName, number | string>>, every = 5) => [
  HEAD,
  ...Array.from({ length: moments }, (_, place) => row(place * every, of(place * every))),
];
const STEADY = { heart_rate: 80, spo2: 97, systolic: 120, diastolic: 70, respiratory_rate: 14, etco2: 36, temperature: 37 };

describe("what cannot be", () => {
  it("is left out and counted: no value, out of range, alone, crossed", () => {
    const { made } = madeFrom(
      table(60, (at) => ({
        ...STEADY,
        ...(at === 50 ? { heart_rate: "---" } : {}),
        ...(at === 60 ? { heart_rate: 400 } : {}),
        ...(at === 70 ? { heart_rate: 140 } : {}),
        ...(at === 80 ? { systolic: 60, diastolic: 65 } : {}),
        ...(at === 90 ? { respiratory_rate: 17 } : {}),
        ...(at === 100 ? { spo2: 8388607 } : {}),
      })),
    );
    // Of a systolic pressure that falls by half for one moment it is said that it stands alone.
    expect(made.leftOut).toEqual({ outOfRange: 1, jumps: 2, crossed: 0 });
    expect(deviationsOf(made)).toMatchObject({ heart_rate: 0, spo2: 0 });
    const crossed = madeFrom(table(60, (at) => (at > 100 ? { ...STEADY, systolic: 64, diastolic: 70 } : STEADY))).made;
    expect(crossed.leftOut.crossed).toBe(39);
  });

  it("is not a fall that stays", () => {
    const { made } = madeFrom(table(60, (at) => ({ ...STEADY, heart_rate: at < 150 ? 80 : 0 })));
    expect(made.leftOut.jumps).toBe(0);
    expect(deviationsOf(made)["heart_rate"]).toBeLessThanOrEqual(3);
    expect(shownAt(made, 295).heart_rate).toBe(0);
  });
});

describe("a sensor", () => {
  const flagsAt = (made: Made, at: number) => Object.keys(shownAt(made, at).flags).sort();

  it("that gives nothing for more than 30 s is off meanwhile", () => {
    const { made } = madeFrom(table(120, (at) => ({ ...STEADY, spo2: at >= 200 && at < 240 ? "" : 97, heart_rate: at >= 300 && at < 320 ? "" : 80 })));
    expect([195, 200, 235, 240].map((at) => flagsAt(made, at))).toEqual([[], ["spo2_off"], ["spo2_off"], []]);
    expect(flagsAt(made, 310)).toEqual([]);
  });

  it("that measures once a minute is not off between", () => {
    const { made } = madeFrom(table(60, () => STEADY, 60));
    expect(made.itsCase.steps.every(({ flags }) => Object.keys(flags).length === 0)).toBe(true);
  });

  it("that was never there is off from the beginning", () => {
    const { made } = madeFrom(["s;FC", "0;80", "5;81", "10;80"]);
    expect(made.itsCase.start.flags).toEqual({ nibp_off: true, spo2_off: true, co2_off: true, temp_off: true });
  });
});

describe("a cuff's readings", () => {
  const READINGS = ["s;FC;PNI S;PNI D", ...Array.from({ length: 121 }, (_, n) => `${n * 5};80;${n % 60 === 0 ? 120 - n / 2 : ""};${n % 60 === 0 ? 50 : ""}`)];

  it("hold until the next, and are not taken for a slope", () => {
    const { made, mapping } = madeFrom(READINGS);
    expect(mapping.isCuff).toBe(true);
    expect([0, 295, 300, 595, 600].map((at) => shownAt(made, at).systolic)).toEqual([120, 120, 90, 90, 60]);
    expect(deviationsOf(made)).toMatchObject({ systolic: 0, diastolic: 0 });
  });

  it("may come at the moment at which something else begins: a case does one after the other", () => {
    const { made } = madeFrom(READINGS.map((line, n) => line.replace(";80;", `;${80 + Math.abs(n - 61)};`)));
    expect(made.itsCase.steps.map(({ at_seconds }) => at_seconds)).toContain(301);
    expect(deviationsOf(made)).toMatchObject({ systolic: 0 });
  });
});

describe("the part that was chosen", () => {
  it("begins the case, whatever was before", () => {
    const rising = table(240, (at) => ({ ...STEADY, heart_rate: 60 + Math.floor(at / 10) }));
    const { made } = madeFrom(rising, [600, 900]);
    expect(made.seconds).toBe(300);
    expect(made.itsCase.start.vitals.heart_rate).toBe(120);
    expect(shownAt(made, 300).heart_rate).toBe(150);
  });

  it("of six hours of restlessness is cut to what a case may hold, and it is said", () => {
    const { made } = madeFrom(table(4321, (at) => ({ ...STEADY, heart_rate: 80 + Math.round(30 * Math.sin(at / 40)), systolic: 120 + Math.round(20 * Math.sin(at / 30)) })));
    expect(made.itsCase.steps.length).toBeLessThanOrEqual(BOUNDS.steps);
    expect(made.itsCase.isCut).toBe(true);
    expect(deviationsOf(made)["heart_rate"]).toBeGreaterThan(TOLERANCES.heart_rate);
  });
});

it("may be of one moment only", () => {
  const { made } = madeFrom(["FC;SpO2", "80;97"]);
  expect(made.itsCase.steps).toHaveLength(1);
  expect(made.itsCase.steps[0]).toMatchObject({ at_seconds: 0, ramp_seconds: 0, vitals: { heart_rate: 80, spo2: 97 }, transitions: [] });
  expect([made.kept, made.points, made.seconds]).toEqual([1, 1, 0]);
});

it("keeps no date, no name and no column that was not chosen", () => {
  const lines = ["Nom;DUPONT;;", "Heure;FC;Remarque;IPP", ...Array.from({ length: 30 }, (_, n) => `2026-03-01 08:00:${String(n).padStart(2, "0")};80;Jeanne;99887766`)];
  const content = JSON.stringify(contentOfMade(madeFrom(lines).made, SAID));
  expect(content).not.toMatch(/2026|08:00|DUPONT|Jeanne|Remarque|99887766|IPP/);
});

describe("whatever was recorded", () => {
  const random = (seed: number) => () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;

  it.each(Array.from({ length: 15 }, (_, seed) => seed + 1))("is a case that may be, and goes as it says (%i)", (seed) => {
    const next = random(seed * 7919);
    const level: Record<SignName, number> = { ...STEADY };
    const lacks = SIGN_NAMES.filter((name) => name !== "heart_rate" && next() < 0.2);
    const { made } = madeFrom(
      table(60 + Math.floor(next() * 400), () => {
        const measured: Partial<Record<SignName, number | string>> = {};
        for (const name of SIGN_NAMES) {
          const { min, max, decimals } = SIGNS[name];
          level[name] = Math.min(max, Math.max(min, level[name] + (next() - 0.5) * (name === "temperature" ? 0.2 : 12)));
          if (!lacks.includes(name) && next() > 0.1) measured[name] = level[name].toFixed(decimals);
        }
        return measured;
      }, next() < 0.3 ? 60 : 5),
    );
    const { steps, start, isCut } = made.itsCase;
    expect(steps.length).toBeLessThanOrEqual(BOUNDS.steps);
    expect(steps[0]!.at_seconds).toBe(0);
    expect(movesOf(made)).toEqual(steps.slice(1).map(({ at_seconds }) => at_seconds));
    let last = fold(START_VALUES, start, 0);
    for (const step of steps) {
      expect(step.ramp_seconds).toBeGreaterThanOrEqual(0);
      expect(step.ramp_seconds).toBeLessThanOrEqual(BOUNDS.ramp_seconds);
      last = fold(last, patchOf(step), step.at_seconds! * 1000);
      expect(last.diastolic).toBeLessThanOrEqual(last.systolic);
      for (const name of SIGN_NAMES) expect(last[name]).toBe(Math.round(last[name] * 10) / 10);
    }
    const jumps = steps.some(({ ramp_seconds }) => ramp_seconds === 0);
    if (!isCut && !jumps) for (const { name, deviation } of made.signs) expect(deviation).toBeLessThanOrEqual(TOLERANCES[name] + 1e-9);
  });
});

it("is computed bit by bit: the page answers meanwhile, and may lose interest", async () => {
  function* endless() {
    for (;;) yield;
  }
  const wanted = new AbortController();
  const answer = inSlices(endless(), wanted.signal);
  await new Promise((done) => setTimeout(done, 30));
  wanted.abort();
  expect(await answer).toBeNull();
});

/** What a monitor shows at that second, ramps gone along. */
function shownAt({ itsCase: { start, steps }, signs }: Made, at: number): LastValues {
  let last = fold(START_VALUES, start, 0);
  for (const step of steps) if (step.at_seconds! <= at) last = fold(last, patchOf(step), step.at_seconds! * 1000);
  const shown = signs.map(({ name, shown: values }) => [name, values[Math.round(at / GRID_SECONDS)]!]);
  return { ...last, ...Object.fromEntries(shown) };
}

/** When the running case takes each step after the first, by the rule that a session goes by. */
function movesOf({ itsCase: { start, steps } }: Made): number[] {
  const event = (step: TemplateStep, at: number, details: CaseEvent["details"]): CaseEvent => ({
    kind: "vitals", step: step.key, marker: null, details, by: { role: "system", id: null, name: "" }, createdAt: at,
  }); // prettier-ignore
  const opened = fold(START_VALUES, start, 0);
  let progress = advance(steps, progressOf(opened, 0), event(steps[0]!, 0, null), fold(opened, patchOf(steps[0]!), 0));
  const moves: number[] = [];
  for (let move = nextMove(steps, progress); move !== null; move = nextMove(steps, progress)) {
    const { at, transition } = move;
    const step = steps.find(({ key }) => key === transition.to)!;
    moves.push(at / 1000);
    progress = advance(steps, progress, event(step, at, { because: transition.on }), fold(progress.last, patchOf(step), at));
  }
  return moves;
}
