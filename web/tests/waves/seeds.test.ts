import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RHYTHM_FACTS } from "../../src/patient/rhythms";
import type { LastValues, TemplateStep } from "../../src/wire/types";
import { fold } from "../../src/patient/fold";
import { hasPulse } from "../../src/patient/circulation";
import { beatTimes, mean, samples, state, steady, T0 } from "./support";

interface Case {
  vitals: Partial<LastValues>;
  flags: LastValues["flags"];
  rhythm?: LastValues["rhythm"];
  description: string;
  steps: TemplateStep[];
}

const FOLDER = new URL("../../../seeds/templates/", import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as Case;
const CASES = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));

/** The patient of each step, as it stands when the step has arrived: along the transitions, from the first step. */
function patients(one: Case): LastValues[] {
  const there = new Map<string, LastValues>();
  const start = state({ ...one.vitals, flags: one.flags, ...(one.rhythm ? { rhythm: one.rhythm } : {}) });
  const open: [LastValues, string][] = [[start, one.steps[0]?.key ?? ""]];
  for (let way = open.pop(); way !== undefined; way = open.pop()) {
    const [before, key] = way;
    const step = one.steps.find((each) => each.key === key);
    if (step === undefined || there.has(key)) continue;
    const { vitals, flags = {}, rhythm } = step;
    const last = fold(before, { vitals, flags, ...(rhythm ? { rhythm } : {}) }, T0);
    there.set(key, last);
    for (const { to } of step.transitions ?? []) if (to !== null) open.push([last, to]);
  }
  return one.steps.map(({ key }) => there.get(key) ?? expect.fail(`${key} is not reached`));
}

describe("the supplied cases and their picture", () => {
  it.each([
    ["acute_coronary_syndrome.json", "II, III and aVF", /inferior/],
    ["fr/acute_coronary_syndrome.json", "DII, DIII et aVF", /inférieur/],
  ])("%s names the leads in which the monitor's lead II takes part", (name, leads, where) => {
    const one = read(name);
    expect(one.steps[0]?.note).toContain(leads);
    expect(one.description).toMatch(where);
    expect(JSON.stringify(one)).not.toMatch(/V2|anterior|antérieur/);
    const waves = steady({ rhythm: "stemi", heart_rate: 100 });
    for (const beat of beatTimes(waves, T0, 5_000)) {
      const st = mean([...samples(waves, "ecg", beat + 80, 20)]) - mean([...samples(waves, "ecg", beat - 330, 60)]);
      expect(st).toBeGreaterThan(0.1);
    }
  });

  it("draw a shark's fin where the text has a wheeze, and only there", () => {
    const wheezing = CASES.map((name) => [name, patients(read(name)).some((last) => Boolean(last.flags.bronchospasm))]);
    expect(wheezing.filter(([, is]) => is).map(([name]) => name)).toEqual(["anaphylaxis.json", "asthma.json"]);
    for (const name of ["anaphylaxis.json", "asthma.json"])
      expect(patients(read(name)).at(-1)?.flags.bronchospasm).toBeUndefined();
  });

  it.each(CASES)("%s: every rhythm has a rate at which it exists, as long as blood flows", (name) => {
    for (const last of patients(read(name)).filter((one) => hasPulse(one))) {
      const rate = RHYTHM_FACTS[last.rhythm].rate;
      expect(last.heart_rate).toBeGreaterThanOrEqual(rate?.least ?? 0);
      expect(last.heart_rate).toBeLessThanOrEqual(rate?.most ?? 0);
    }
  });
});
