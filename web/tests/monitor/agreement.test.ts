import { describe, expect, it } from "vitest";
import type { Readings } from "../../src/monitor/readings";
import { RHYTHMS } from "../../src/patient/signs";
import { unit } from "../../src/waves/noise";
import type { LastValues, Rhythm } from "../../src/wire/types";
import { Bed } from "./bed";
import { NOW, patient, seconds } from "./patient";

/** What is shown depends on what was told and on the server's time: not on when a screen was opened or looked at. */

const pick = <T>(among: readonly T[], dice: number): T => among[Math.floor(unit(0x5eed, dice) * among.length)] as T;

/** Arrests, compressions, returns, apnoea, sensors off and ramps, in any order: [seconds after NOW, state]. */
function history(number: number): [number, LastValues][] {
  let at = 0;
  let flags: LastValues["flags"] = {};
  return Array.from({ length: 10 }, (_, push) => {
    const dice = number * 1_000 + push * 10;
    at += 1 + unit(1, dice) * 14;
    for (const flag of ["pulseless", "cpr", "ecg_off", "spo2_off", "co2_off"])
      if (unit(2, dice + flag.length) < 0.25) flags = { ...flags, [flag]: !flags[flag] };
    const heart_rate = pick([0, 45, 75, 120, 170, 220], dice + 1);
    const ramp = { from: pick([0, 60, 150], dice + 2), started_at: new Date(seconds(at)).toISOString(), seconds: 5 };
    const state = patient({
      rhythm: pick(RHYTHMS, dice + 3),
      heart_rate,
      spo2: pick([98, 85, 70], dice + 4),
      respiratory_rate: pick([0, 6, 16, 30], dice + 5),
      etco2: pick([12, 38, 60], dice + 6),
      flags,
      ramps: unit(3, dice) < 0.3 ? { heart_rate: ramp } : {},
    });
    return [at, state];
  });
}

const told = (pushes: readonly [number, LastValues][]): Bed => {
  const bed = new Bed(-100);
  bed.tell(patient());
  for (const [at, last] of pushes) bed.tell(last, seconds(at));
  return bed;
};

/** What the rhythm was before compressions nobody knows who came in the middle of them: it is told again in the pause. */
function known(bed: Bed, at: number): Partial<Readings> {
  const { rhythm, ...rest } = bed.read(seconds(at));
  return rest.is_artefact ? rest : { rhythm, ...rest };
}

describe("two screens that were told the same", () => {
  it("show the same at every moment, whichever of them was looked at meanwhile", () => {
    for (let number = 0; number < 10; number++) {
      const pushes = history(number);
      const [end] = pushes.at(-1) as [number, LastValues];
      const busy = new Bed(-100);
      busy.tell(patient());
      const seen: unknown[] = [];
      let next = 0;
      for (let at = 0; at <= end + 30; at += 0.25) {
        while (pushes[next] !== undefined && (pushes[next] as [number, LastValues])[0] <= at) {
          const [when, last] = pushes[next++] as [number, LastValues];
          busy.tell(last, seconds(when));
        }
        seen.push([at, busy.read(seconds(at))]);
      }
      const quiet = told(pushes);
      const after = seen.slice(-100) as [number, unknown][];
      for (const [at, read] of after) expect(quiet.read(seconds(at))).toEqual(read);
    }
  });
});

describe("a screen that comes late", () => {
  it("shows what the others show, half a minute after the last change at the latest", () => {
    for (let number = 0; number < 60; number++) {
      const pushes = history(number);
      const [end, last] = pushes.at(-1) as [number, LastValues];
      const early = told(pushes);
      const late = new Bed().tell(last, seconds(end + 7));
      // Of the slowest breaths here, 10 s each, four have to go by before both draw the same.
      for (let at = end + 30; at < end + 70; at += 1) {
        const [theirs, mine] = [known(early, at), known(late, at)];
        if (at < end + 50) theirs.etco2 = mine.etco2 ?? 0;
        expect(mine, `${number}`).toEqual(theirs);
      }
    }
  });

  const converges: [string, Partial<LastValues>, number][] = [
    ["in ventricular fibrillation", { rhythm: "ventricular_fibrillation" }, 20],
    ["in asystole", { rhythm: "asystole" }, 20],
    ["in PEA", { flags: { pulseless: true } }, 20],
    ["in apnoea", { respiratory_rate: 0 }, 20],
    ["in compressions", { rhythm: "asystole", respiratory_rate: 10, etco2: 15, flags: { pulseless: true, cpr: true } }, 14],
    ["in bigeminy", { rhythm: "pvc_bigeminy", heart_rate: 80 }, 12],
  ];

  it.each(converges)("%s: at once what the others show within seconds", (_name, change, within) => {
    const last = patient(change);
    const early = new Bed(-100).tell(patient()).tell(last, NOW);
    const late = new Bed().tell(last, seconds(2));
    for (let at = within; at < within + 30; at += 1) expect(known(late, at)).toEqual(known(early, at));
  });

  it("upon a return has the saturation some seconds before the others, and agrees after twenty", () => {
    const back = patient({ spo2: 96, heart_rate: 104 });
    const arrest: Rhythm = "ventricular_fibrillation";
    const early = new Bed(-100).tell(patient({ rhythm: arrest })).tell(back, NOW);
    const late = new Bed().tell(back, seconds(3));
    expect(late.read(seconds(3)).spo2).toBe(96);
    expect(early.read(seconds(3)).spo2).toBe("unreadable");
    for (let at = 20; at < 50; at += 1) expect(known(late, at)).toEqual(known(early, at));
  });
});
