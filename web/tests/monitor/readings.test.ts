import { describe, expect, it } from "vitest";
import type { Readings } from "../../src/monitor/readings";
import { wandering } from "../../src/monitor/wandering";
import type { LastValues, SignName } from "../../src/wire/types";
import { Bed, shown as read } from "./bed";
import { NOW, patient, seconds } from "./patient";

describe("sensors", () => {
  it("shows nothing of what is off, and everything else", () => {
    expect(read(patient({ flags: { spo2_off: true, temp_off: true } }))).toMatchObject({
      heart_rate: 75,
      spo2: "off",
      pulse: "off",
      temperature: "off",
      etco2: 38,
    });
  });

  it("counts the pulse at the finger while the electrodes are off", () => {
    expect(read(patient({ flags: { ecg_off: true } }))).toMatchObject({
      heart_rate: 75,
      heart_rate_from: "pleth",
      rhythm: null,
      respiratory_rate: 16,
    });
    expect(read(patient({ flags: { ecg_off: true, spo2_off: true } })).heart_rate).toBe("off");
    expect(read(patient({ flags: { ecg_off: true, pulseless: true } })).heart_rate).toBe("off");
  });

  it("sees breathing by the CO2 line or the electrodes", () => {
    expect(read(patient({ flags: { co2_off: true } }))).toMatchObject({ respiratory_rate: 16, etco2: "off" });
    expect(read(patient({ flags: { co2_off: true, ecg_off: true } })).respiratory_rate).toBe("off");
  });

  it("takes a flag that is false for not set", () => {
    expect(read(patient({ flags: { ecg_off: false } })).heart_rate).toBe(75);
  });
});

describe("without a pulse", () => {
  it("has no rate in VF, 0 in asystole, and the ECG's in PEA", () => {
    expect(read(patient({ rhythm: "ventricular_fibrillation", heart_rate: 0 })).heart_rate).toBe("none");
    expect(read(patient({ rhythm: "asystole", heart_rate: 60 })).heart_rate).toBe(0);
    const pea = read(patient({ heart_rate: 62, flags: { pulseless: true } }));
    expect(pea).toMatchObject({ heart_rate: 62, pulse: "unreadable", spo2: "unreadable", systolic: "none" });
  });

  it("holds the saturation for 10 s, in doubt, and counts no pulse after 4; then it cannot read either", () => {
    const bed = new Bed().tell(patient({ spo2: 94, heart_rate: 80 }));
    bed.tell(patient({ spo2: 30, heart_rate: 62, flags: { pulseless: true } }), seconds(1));
    expect(bed.read(seconds(2))).toMatchObject({ spo2: 94, pulse: 80, heart_rate: 62, is_saturation_old: false });
    expect(bed.read(seconds(5.5))).toMatchObject({ spo2: 94, pulse: "unreadable", is_saturation_old: true });
    expect(bed.read(seconds(10.75)).spo2).toBe(94);
    expect(bed.read(seconds(11))).toMatchObject({ spo2: "unreadable", pulse: "unreadable", is_pulse_lost: true });
  });

  it("is unreadable at once for a screen that opens upon it", () => {
    expect(read(patient({ flags: { pulseless: true } }))).toMatchObject({ spo2: "unreadable", is_pulse_lost: true });
  });

  it("and when the pulse is back: the pulse after 4 s, the saturation after 10, low at first, right after 20", () => {
    const bed = new Bed().tell(patient({ rhythm: "ventricular_fibrillation" }));
    bed.tell(patient({ spo2: 97, heart_rate: 110 }), seconds(60)).still();
    const at = (count: number) => bed.read(seconds(60 + count));
    expect(at(1)).toMatchObject({ spo2: "unreadable", pulse: "unreadable", is_pulse_lost: false, heart_rate: 110 });
    expect(at(4.5)).toMatchObject({ spo2: "unreadable", pulse: 110 });
    expect(at(9.5).spo2).toBe("unreadable");
    expect(at(10).spo2).toBe(85);
    const climbing = [11, 13, 15, 17, 19].map((count) => at(count).spo2 as number);
    expect(climbing).toEqual(climbing.toSorted((a, b) => a - b));
    expect(at(20).spo2).toBe(97);
  });

  it("shows a saturation that is low in truth as it is, when it shows one again", () => {
    const bed = new Bed().tell(patient({ flags: { pulseless: true } })).tell(patient({ spo2: 82 }), seconds(60));
    for (const count of [10, 14, 30]) expect(bed.read(seconds(60 + count)).spo2).toBe(82);
  });

  it("that was lost for a moment only: the saturation never went away", () => {
    const bed = new Bed().tell(patient({ spo2: 94 })).tell(patient({ flags: { pulseless: true } }), seconds(1));
    bed.tell(patient({ spo2: 93 }), seconds(6));
    expect(bed.read(seconds(5.9)).spo2).toBe(94);
    expect(bed.read(seconds(6.1)).spo2).toBe(93);
  });

  it("is lost with the last beat of a rate that falls to 0", () => {
    const ramps = { heart_rate: { from: 60, started_at: new Date(NOW).toISOString(), seconds: 30 } };
    const bed = new Bed().tell(patient({ spo2: 94 }), seconds(-100)).tell(patient({ spo2: 94, heart_rate: 0, ramps }));
    expect(bed.read(seconds(29))).toMatchObject({ spo2: 94, rhythm: "organised" });
    expect(bed.read(seconds(39)).spo2).toBe(94);
    expect(bed.read(seconds(41))).toMatchObject({ spo2: "unreadable", rhythm: "asystole", heart_rate: 0 });
  });

  it("goes on counting until it has seen that no beat comes", () => {
    const bed = new Bed().tell(patient({ heart_rate: 88 })).tell(patient({ rhythm: "asystole" }), seconds(1));
    expect(bed.read(seconds(4)).heart_rate).toBe(88);
    expect(bed.read(seconds(5)).heart_rate).toBe(0);
  });
});

describe("breathing", () => {
  const arrests: [string, Partial<LastValues>][] = [
    ["VF", { rhythm: "ventricular_fibrillation" }],
    ["asystole", { rhythm: "asystole" }],
    ["PEA", { flags: { pulseless: true } }],
  ];

  it.each(arrests)("%s: EtCO2 is 0 within 15 s and the rate with apnoea, though both were left as they were", (_name, change) => {
    expect(read(patient(change))).toMatchObject({ respiratory_rate: 0, etco2: 0 });
    const bed = new Bed().tell(patient()).tell(patient(change), seconds(1)).still();
    expect(bed.read(seconds(2))).toMatchObject({ respiratory_rate: 16, etco2: 38 });
    expect(bed.read(seconds(16)).etco2).toBe(0);
    expect(bed.read(seconds(22)).respiratory_rate).toBe(0);
  });

  it.each(arrests)("%s: somebody ventilates, and the CO2 is that of compressions", (_name, change) => {
    const flags = { ...change.flags, cpr: true };
    expect(read(patient({ ...change, flags, respiratory_rate: 10, etco2: 15 })).respiratory_rate).toBe(10);
    expect(read(patient({ ...change, flags, respiratory_rate: 10, etco2: 15 })).etco2).toBeLessThanOrEqual(16);
    expect(read(patient({ ...change, flags, respiratory_rate: 10, etco2: 38 })).etco2).toBeLessThanOrEqual(21);
  });

  it("in apnoea with a pulse: EtCO2 is 0 ten seconds after the last breath, the rate 0 after twenty", () => {
    const bed = new Bed().tell(patient()).tell(patient({ respiratory_rate: 0 }), seconds(1)).still();
    const { time } = bed.waves.lastBreathAt(seconds(5));
    expect(bed.read(time + 9_000)).toMatchObject({ respiratory_rate: 16, etco2: 38 });
    expect(bed.read(time + 15_000)).toMatchObject({ respiratory_rate: 16, etco2: 0 });
    expect(bed.read(time + 20_000)).toMatchObject({ respiratory_rate: 0, etco2: 0 });
  });

  it("counts again with the first breath", () => {
    const bed = new Bed().tell(patient({ respiratory_rate: 0 })).tell(patient({ respiratory_rate: 12 }), seconds(1)).still();
    expect(bed.read(seconds(1)).respiratory_rate).toBe(0);
    expect(bed.read(seconds(8)).respiratory_rate).toBe(12);
    expect(bed.read(seconds(14)).etco2).toBe(38);
  });
});

describe("the pulse", () => {
  it("is half of the heart rate in bigeminy", () => {
    expect(read(patient({ rhythm: "pvc_bigeminy", heart_rate: 80 }))).toMatchObject({ heart_rate: 80, pulse: 40 });
  });

  it("falls behind in fast fibrillation", () => {
    const bed = new Bed().tell(patient({ rhythm: "atrial_fibrillation", heart_rate: 170 })).still();
    const pulses = Array.from({ length: 60 }, (_, second) => bed.read(seconds(second)).pulse as number);
    const deficit = 170 - pulses.reduce((sum, pulse) => sum + pulse, 0) / pulses.length;
    expect(deficit).toBeGreaterThan(5);
    expect(deficit).toBeLessThan(35);
  });
});

describe("resting numbers", () => {
  const over = (last: LastValues, name: SignName, count = 600) =>
    Array.from({ length: count }, (_, second) => wandering(name, last, 7, seconds(second), Number.NEGATIVE_INFINITY));

  it("wander: heart rate by 2, breathing and CO2 by 1, the number itself most of the time", () => {
    for (const [name, most] of [["heart_rate", 2], ["respiratory_rate", 1], ["etco2", 1]] as const) {
      const offsets = over(patient(), name);
      expect(Math.max(...offsets)).toBe(most);
      expect(Math.min(...offsets)).toBe(-most);
      expect(offsets.filter((offset) => offset === 0).length).toBeGreaterThan(300);
    }
    for (const name of ["spo2", "systolic", "temperature"] as const) expect(new Set(over(patient(), name))).toEqual(new Set([0]));
  });

  it("stand still in a pause, the same for a late joiner, a ramp that waits and a push meanwhile included", () => {
    const paused_at = new Date(seconds(100)).toISOString();
    const ramps = { heart_rate: { from: 90, started_at: paused_at, seconds: 30 } };
    const paused = patient({ heart_rate: 120, rhythm: "atrial_fibrillation", ramps, paused_at });
    const pushed = { ...paused, respiratory_rate: 24 };
    const seen = new Bed().tell(patient({ heart_rate: 120, rhythm: "atrial_fibrillation" })).tell(paused, seconds(100)).tell(pushed, seconds(300));
    const late = new Bed().tell(pushed, seconds(400));
    for (let second = 420; second < 480; second++)
      for (const bed of [seen, late]) expect(bed.read(seconds(second))).toMatchObject({ heart_rate: 90, respiratory_rate: 24, etco2: 38 });
    for (const name of ["heart_rate", "respiratory_rate", "etco2"] as const) expect(new Set(over(paused, name))).toEqual(new Set([0]));
  });

  it("wander by 5-15 in fibrillation, and not at all where a pacemaker beats", () => {
    const rates = over(patient({ rhythm: "atrial_fibrillation", heart_rate: 110 }), "heart_rate");
    const spread = Math.max(...rates) - Math.min(...rates);
    expect(spread).toBeGreaterThanOrEqual(5);
    expect(spread).toBeLessThanOrEqual(15);
    expect(new Set(over(patient({ rhythm: "paced" }), "heart_rate"))).toEqual(new Set([0]));
  });

  it("stand still for some seconds after a change, so that what was sent is seen, and while a ramp runs", () => {
    const bed = new Bed().tell(patient());
    const ramps = { heart_rate: { from: 75, started_at: new Date(NOW).toISOString(), seconds: 30 } };
    bed.tell(patient({ heart_rate: 141, ramps }));
    for (let count = 30; count < 38; count++) expect(bed.read(seconds(count)).heart_rate).toBe(141);
    expect(bed.read(seconds(15)).heart_rate).toBe(108);
    const later = Array.from({ length: 200 }, (_, second) => bed.read(seconds(40 + second)).heart_rate);
    expect(new Set(later).size).toBeGreaterThan(2);
  });

  it("never pass a limit by chance alone", () => {
    const bed = new Bed().tell(patient({ heart_rate: 120, respiratory_rate: 8, etco2: 30 }));
    for (let count = 0; count < 600; count++) {
      const { heart_rate, respiratory_rate, etco2 } = bed.read(seconds(count));
      expect(heart_rate).toBeLessThanOrEqual(120);
      expect(respiratory_rate).toBeGreaterThanOrEqual(8);
      expect(etco2).toBeGreaterThanOrEqual(30);
    }
  });

  it("are the same on every screen, also on one that has just been opened", () => {
    const last = patient({ heart_rate: 96 });
    const early = new Bed().tell(patient()).tell(last, seconds(1));
    const late = new Bed().tell(last, seconds(40));
    const all = (bed: Bed, second: number): Readings => bed.read(seconds(second));
    for (let second = 40; second < 100; second++) expect(all(late, second)).toEqual(all(early, second));
  });
});

describe("pressures", () => {
  const cuff = { systolic: 131, diastolic: 84, mean: 100, at: NOW - 300_000 };

  it("are what the cuff found, whatever they are now", () => {
    expect(read(patient(), cuff)).toMatchObject({ systolic: 131, diastolic: 84, mean: 100 });
    expect(read(patient())).toMatchObject({ systolic: "none", diastolic: "none", mean: "none" });
  });

  it("stand still although the patient has lost the pulse since", () => {
    expect(read(patient({ flags: { pulseless: true } }), cuff).systolic).toBe(131);
  });

  it("are not there while the cuff is off", () => {
    expect(read(patient({ flags: { nibp_off: true } }), cuff)).toMatchObject({ systolic: "off", mean: "off" });
  });
});

it("follows ramps by the server's clock", () => {
  const ramps = { heart_rate: { from: 80, started_at: new Date(NOW - 15_000).toISOString(), seconds: 60 } };
  expect(read(patient({ heart_rate: 140, ramps })).heart_rate).toBe(95);
});
