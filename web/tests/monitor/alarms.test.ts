import { describe, expect, it } from "vitest";
import { judge, NO_ALARMS, silence, silenceLeft, sounding, unsilence, withoutEnded } from "../../src/monitor/alarms";
import { conditionsOf, type Condition } from "../../src/monitor/conditions";
import { ADULT_LIMITS } from "../../src/patient/signs";
import { Bed, shown } from "./bed";
import { patient, seconds } from "./patient";

describe("delays", () => {
  it("warns 10 s after a limit was passed, and not before", () => {
    const bed = new Bed().play(9, patient({ heart_rate: 130 }));
    expect(bed.ids).toEqual([]);
    bed.play(1.5, patient({ heart_rate: 130 }));
    expect(bed.ids).toEqual(["heart_rate_high"]);
    expect(bed.book.active[0]).toMatchObject({ priority: "medium", passed: { limit: 120, side: "high" } });
  });

  it("begins anew when the value came back in between", () => {
    const bed = new Bed().play(8, patient({ spo2: 85 })).play(1, patient()).play(8, patient({ spo2: 85 }));
    expect(bed.ids).toEqual([]);
  });

  it("calls a crisis after 5 s, asystole and fibrillation after 4 s", () => {
    expect(new Bed().play(4.5, patient({ spo2: 75 })).ids).toEqual([]);
    expect(new Bed().play(5.5, patient({ spo2: 75 })).ids).toEqual(["desaturation"]);
    for (const rhythm of ["asystole", "ventricular_fibrillation"] as const) {
      expect(new Bed().play(1, patient()).play(3.5, patient({ rhythm })).ids).toEqual([]);
      expect(new Bed().play(1, patient()).play(4.5, patient({ rhythm })).ids).toContain(rhythm);
    }
  });

  it("calls apnoea 20 s after the last breath, and says nothing of a low rate or a low CO2 before", () => {
    const bed = new Bed().play(1, patient());
    const apnoeic = patient({ respiratory_rate: 0 });
    bed.play(0, apnoeic);
    const { time } = bed.waves.lastBreathAt(seconds(10));
    while (bed.now < time + 20_000) {
      expect(bed.ids).toEqual([]);
      bed.play(0.01, apnoeic);
    }
    expect(bed.play(0.5, apnoeic).ids).toEqual(["apnoea"]);
    expect(bed.play(20, apnoeic).ids).toEqual(["apnoea"]);
  });

  it("calls five beats at 100/min and more a tachycardia; what is slower is a ventricular rhythm, yellow", () => {
    const after = (length: number, heart_rate: number) =>
      new Bed().play(1, patient({ heart_rate: 110 })).play(length, patient({ rhythm: "ventricular_tachycardia", heart_rate }));
    expect(after(1.5, 170).ids).toEqual([]);
    expect(after(2.25, 170).ids).toEqual(["ventricular_tachycardia"]);
    expect(after(2.5, 100).ids).toEqual([]);
    expect(after(3.25, 100).ids).toEqual(["ventricular_tachycardia"]);
    expect(after(8, 75).ids).toEqual(["ventricular_rhythm"]);
    expect(after(8, 75).first?.priority).toBe("medium");
  });

  it("is not lengthened by a clock that is put back", () => {
    const high = conditionsOf(shown(patient({ heart_rate: 130 })), ADULT_LIMITS, false);
    let book = judge(NO_ALARMS, high, seconds(100));
    book = judge(book, high, seconds(0));
    expect(judge(book, high, seconds(10)).active).toHaveLength(1);
  });

  it("goes quiet by itself when the value is back", () => {
    const bed = new Bed().play(16, patient({ heart_rate: 130 })).play(0.5, patient());
    expect(bed.ids).toEqual([]);
    expect(sounding(bed.book)).toBeNull();
  });
});

describe("priorities", () => {
  it("says the worse in place of the lesser", () => {
    expect(new Bed().play(12, patient({ heart_rate: 38 })).ids).toEqual(["extreme_bradycardia"]);
    expect(new Bed().play(12, patient({ heart_rate: 45 })).ids).toEqual(["heart_rate_low"]);
    expect(new Bed().play(12, patient({ heart_rate: 170, rhythm: "ventricular_tachycardia" })).ids).toEqual([
      "ventricular_tachycardia",
    ]);
  });

  it("puts what kills first, by the harm that it does, then the rest", () => {
    const arrest = patient({
      rhythm: "ventricular_fibrillation",
      heart_rate: 0,
      systolic: 0,
      diastolic: 0,
      respiratory_rate: 0,
      etco2: 8,
      flags: { pulseless: true, temp_off: true },
    });
    expect(new Bed().play(1, patient()).play(25, arrest).ids).toEqual([
      "ventricular_fibrillation",
      "pulse_lost",
      "apnoea",
      "temp_off",
    ]);
  });

  it("lets nothing that is only newer take the place of the worst: a telephone has room for one", () => {
    const of = (id: Condition["id"], priority: Condition["priority"]): Condition => {
      return { id, priority, tile: "ecg", delay_seconds: 0, family: "general" };
    };
    const ids = (...rising: Condition[]) =>
      rising.reduce((book, _, count) => judge(book, rising.slice(0, count + 1), seconds(count)), NO_ALARMS).active.map(({ id }) => id);
    expect(ids(of("systolic_low", "medium"), of("temperature_high", "medium"), of("heart_rate_high", "medium"))).toEqual([
      "systolic_low",
      "heart_rate_high",
      "temperature_high",
    ]);
    expect(ids(of("apnoea", "high"), of("extreme_tachycardia", "high"), of("spo2_low", "medium"))[0]).toBe("apnoea");
  });

  it("lets a sensor that is off be a low one, and asks nothing of what it does not see", () => {
    const flags = { ecg_off: true, spo2_off: true, nibp_off: true, co2_off: true, temp_off: true };
    const bed = new Bed().play(30, patient({ rhythm: "asystole", heart_rate: 0, spo2: 50, systolic: 40, flags }));
    expect(new Set(bed.ids)).toEqual(new Set(["ecg_off", "spo2_off", "nibp_off", "co2_off", "temp_off"]));
    expect(bed.book.active.every((alarm) => alarm.priority === "low")).toBe(true);
  });

  it("calls a lost pulse a crisis although the ECG looks well (PEA)", () => {
    const bed = new Bed().play(1, patient()).play(11, patient({ flags: { pulseless: true } }));
    expect(bed.ids).toEqual(["pulse_lost"]);
    expect(bed.first?.priority).toBe("high");
  });
});

describe("limits", () => {
  it("follow an edit at once: what is within the new ones stops", () => {
    const bed = new Bed().play(12, patient({ heart_rate: 130 }));
    bed.limits = { ...ADULT_LIMITS, heart_rate: { low: 50, high: 150 } };
    expect(bed.play(4, patient({ heart_rate: 130 })).ids).toEqual([]);
  });

  it("start a new delay when they are drawn tighter", () => {
    const bed = new Bed().play(30, patient({ heart_rate: 100 }));
    bed.limits = { ...ADULT_LIMITS, heart_rate: { low: 50, high: 90 } };
    expect(bed.play(9, patient({ heart_rate: 100 })).ids).toEqual([]);
    expect(bed.play(2, patient({ heart_rate: 100 })).ids).toEqual(["heart_rate_high"]);
  });

  it("may be none on one side or on both", () => {
    const bed = new Bed();
    bed.limits = { ...ADULT_LIMITS, spo2: { low: null, high: null }, heart_rate: { low: null, high: null } };
    expect(bed.play(30, patient({ spo2: 60, heart_rate: 220 })).ids).toEqual([]);
  });

  it("are not alarmed at on the limit itself", () => {
    expect(new Bed().play(30, patient({ heart_rate: 120, spo2: 90, temperature: 39 })).ids).toEqual([]);
  });
});

describe("what has ended", () => {
  const tachycardia = patient({ rhythm: "ventricular_tachycardia", heart_rate: 180 });

  it("stays to be read when it was high: seven seconds of VT", () => {
    const bed = new Bed().play(5, patient()).play(7, tachycardia).play(60, patient());
    expect(bed.ids).toEqual([]);
    expect(bed.ended).toEqual(["ventricular_tachycardia"]);
    expect(sounding(bed.book)).toBeNull();
    expect(bed.silence().book.active).toEqual([]);
  });

  it("is shown for 5 s at least, as if it lasted", () => {
    const bed = new Bed().play(5, patient()).play(2.5, tachycardia).play(3, patient());
    expect(bed.ids).toEqual(["ventricular_tachycardia"]);
    expect(bed.play(3, patient()).ended).toEqual(["ventricular_tachycardia"]);
  });

  it("leaves its message when it was medium, and nothing when it was low", () => {
    const bed = new Bed().play(20, patient({ spo2: 85, flags: { temp_off: true } })).play(1, patient());
    expect(bed.ended).toEqual(["spo2_low"]);
    expect(bed.first).toMatchObject({ priority: "medium", passed: { value: 85, limit: 90 } });
  });

  it("stands behind whatever lasts, and is one with what comes again", () => {
    const bed = new Bed().play(5, patient()).play(7, tachycardia).play(12, patient({ spo2: 85 }));
    expect([bed.ids, bed.ended]).toEqual([["spo2_low"], ["ventricular_tachycardia"]]);
    bed.play(4, tachycardia);
    expect(bed.ids[0]).toBe("ventricular_tachycardia");
    expect(bed.ended).not.toContain("ventricular_tachycardia");
  });

  it("leaves no message of the lesser form of something that lasts", () => {
    const bed = new Bed().play(20, patient({ spo2: 85 })).play(20, patient({ spo2: 70 }));
    expect([bed.ids, bed.ended]).toEqual([["desaturation"], []]);
  });

  it("is gone at once on a screen at which nobody can take note of it", () => {
    const bed = new Bed().play(5, patient()).play(7, tachycardia).play(6, patient());
    expect(withoutEnded(bed.book).active).toEqual([]);
  });
});

describe("compressions", () => {
  const fibrillating = patient({ rhythm: "ventricular_fibrillation" });
  const pressed = (change: Parameters<typeof patient>[0]) => patient({ ...change, flags: { pulseless: true, cpr: true } });

  it("hold the rhythm alarm that there was, whatever lies under the artefact", () => {
    const bed = new Bed().play(5, patient()).play(8, fibrillating);
    expect(bed.ids).toContain("ventricular_fibrillation");
    bed.play(60, pressed({ rhythm: "ventricular_fibrillation" })).play(60, pressed({ rhythm: "asystole" }));
    expect(bed.ids).toContain("ventricular_fibrillation");
    expect(bed.ids).not.toContain("asystole");
  });

  it("raise none of their own", () => {
    const bed = new Bed().play(5, patient()).play(60, pressed({ rhythm: "asystole" }));
    expect(bed.ids.filter((id) => id === "asystole" || id.startsWith("ventricular") || id.startsWith("heart"))).toEqual([]);
    expect(bed.read()).toMatchObject({ heart_rate: "unreadable", is_artefact: true });
  });

  it("are judged again 4-5 s into the pause", () => {
    const bed = new Bed().play(5, patient()).play(8, fibrillating).play(60, pressed({ rhythm: "asystole" }));
    const paused = patient({ rhythm: "asystole", flags: { pulseless: true } });
    expect(bed.play(3.5, paused).ids).toContain("ventricular_fibrillation");
    expect(bed.read().heart_rate).toBe("unreadable");
    bed.play(1, paused);
    expect(bed.ids[0]).toBe("asystole");
    expect(bed.ids).not.toContain("ventricular_fibrillation");
    expect(bed.read()).toMatchObject({ heart_rate: 0, is_artefact: false });
  });

  it("an organised rhythm in the pause, too", () => {
    const bed = new Bed().play(5, patient()).play(8, fibrillating).play(60, pressed({ heart_rate: 90 }));
    expect(bed.play(3.5, patient({ heart_rate: 90 })).ids).toContain("ventricular_fibrillation");
    expect(bed.play(1.5, patient({ heart_rate: 90 })).ids).not.toContain("ventricular_fibrillation");
  });

  it("upon which a screen was opened: it holds what a screen would have seen before", () => {
    const bed = new Bed().play(1, pressed({ rhythm: "ventricular_fibrillation" }));
    expect(bed.ids).toContain("ventricular_fibrillation");
  });
});

describe("silence", () => {
  it("counts down from two minutes, then sounds again", () => {
    const bed = new Bed().play(12, patient({ heart_rate: 130 })).silence();
    expect(sounding(bed.book)).toBeNull();
    expect(silenceLeft(bed.book, bed.now)).toBe(120);
    bed.play(119, patient({ heart_rate: 130 }));
    expect(silenceLeft(bed.book, bed.now)).toBe(1);
    expect(sounding(bed.book)).toBeNull();
    bed.play(2, patient({ heart_rate: 130 }));
    expect(silenceLeft(bed.book, bed.now)).toBe(0);
    expect(sounding(bed.book)?.id).toBe("heart_rate_high");
  });

  it("is not lengthened by a clock that is put back", () => {
    const high = conditionsOf(shown(patient({ heart_rate: 130 })), ADULT_LIMITS, false);
    let book = silence(judge(judge(NO_ALARMS, high, seconds(5000)), high, seconds(5020)), seconds(5020));
    book = judge(book, high, seconds(0));
    expect(sounding(book)).toBeNull();
    book = judge(book, high, seconds(121));
    expect(sounding(book)?.id).toBe("heart_rate_high");
  });

  it("does not cover an alarm that is new", () => {
    const bed = new Bed().play(12, patient({ heart_rate: 130 })).silence();
    bed.play(12, patient({ heart_rate: 130, spo2: 85 }));
    expect(sounding(bed.book)?.id).toBe("spo2_low");
    // Nothing on the screen says "silent" while it sounds.
    expect(silenceLeft(bed.book, bed.now)).toBe(0);
    expect(silenceLeft(bed.silence().book, bed.now)).toBe(120);
  });

  it("does not cover one that went and came back, or grew worse", () => {
    const again = new Bed().play(12, patient({ heart_rate: 130 })).silence().play(5, patient());
    expect(sounding(again.play(12, patient({ heart_rate: 130 })).book)?.id).toBe("heart_rate_high");
    const worse = new Bed().play(12, patient({ spo2: 88 })).silence().play(6, patient({ spo2: 70 }));
    expect(sounding(worse.book)?.id).toBe("desaturation");
  });

  it("stays while a crisis eases into a warning: that is no news", () => {
    const bed = new Bed().play(12, patient({ heart_rate: 150 })).silence();
    bed.play(12, patient({ heart_rate: 130 }));
    expect(bed.ids).toEqual(["heart_rate_high"]);
    expect(sounding(bed.book)).toBeNull();
  });

  it("can be taken back", () => {
    const bed = new Bed().play(12, patient({ heart_rate: 130 })).silence();
    expect(sounding(unsilence(bed.book))?.id).toBe("heart_rate_high");
  });

  it("lets only the highest sound", () => {
    const bed = new Bed().play(25, patient({ heart_rate: 130, spo2: 70, flags: { temp_off: true } }));
    expect(sounding(bed.book)?.id).toBe("desaturation");
  });
});
