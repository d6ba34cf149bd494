import { describe, expect, it } from "vitest";
import { judge, NO_ALARMS, silence, silenceLeft, sounding, unsilence, type AlarmBook } from "../../src/monitor/alarms";
import { conditionsOf } from "../../src/monitor/conditions";
import { NO_PULSE_YET, readingsAt, watchPulse } from "../../src/monitor/readings";
import { ADULT_LIMITS } from "../../src/patient/signs";
import { hasPulse } from "../../src/waves";
import type { LastValues, Limits } from "../../src/wire/types";
import { patient, seconds } from "./patient";

/** Plays stretches of (seconds, patient) at four steps a second, as the screen does. */
class Bed {
  book: AlarmBook = NO_ALARMS;
  #at = 0;
  #memory = NO_PULSE_YET;
  limits: Limits = ADULT_LIMITS;

  play(length: number, last: LastValues): this {
    const end = this.#at + length;
    for (; this.#at <= end; this.#at += 0.25) {
      const now = seconds(this.#at);
      const isPerfused = hasPulse(last, now);
      this.#memory = watchPulse(this.#memory, last, isPerfused, now);
      const read = readingsAt(last, now, isPerfused, this.#memory, null);
      this.book = judge(this.book, conditionsOf(read, this.limits, false), now);
    }
    return this;
  }

  silence(): this {
    this.book = silence(this.book, this.now);
    return this;
  }

  get now(): number {
    return seconds(this.#at);
  }
  get ids(): string[] {
    return this.book.active.map((alarm) => alarm.id);
  }
}

describe("delays", () => {
  it("warns 10 s after a limit was passed, and not before", () => {
    const bed = new Bed().play(9, patient({ heart_rate: 130 }));
    expect(bed.ids).toEqual([]);
    bed.play(1.5, patient({ heart_rate: 130 }));
    expect(bed.ids).toEqual(["heart_rate_high"]);
    expect(bed.book.active[0]).toMatchObject({ priority: "medium", passed: { value: 130, limit: 120, side: "high" } });
  });

  it("begins anew when the value came back in between", () => {
    const bed = new Bed().play(8, patient({ spo2: 85 })).play(1, patient()).play(8, patient({ spo2: 85 }));
    expect(bed.ids).toEqual([]);
  });

  it("calls a crisis after 5 s, asystole after 4 s, apnoea after 20 s", () => {
    expect(new Bed().play(4.5, patient({ spo2: 75 })).ids).toEqual([]);
    expect(new Bed().play(5.5, patient({ spo2: 75 })).ids).toEqual(["desaturation"]);
    expect(new Bed().play(3.5, patient({ rhythm: "asystole" })).ids).not.toContain("asystole");
    expect(new Bed().play(4.5, patient({ rhythm: "asystole" })).ids).toContain("asystole");
    expect(new Bed().play(19, patient({ respiratory_rate: 0 })).ids).toEqual(["respiratory_rate_low"]);
    expect(new Bed().play(20.5, patient({ respiratory_rate: 0 })).ids).toEqual(["apnoea"]);
  });

  it("is not lengthened by a clock that is put back", () => {
    const high = conditionsOf(
      readingsAt(patient({ heart_rate: 130 }), seconds(0), true, NO_PULSE_YET, null),
      ADULT_LIMITS,
      false,
    );
    let book = judge(NO_ALARMS, high, seconds(100));
    book = judge(book, high, seconds(0));
    expect(judge(book, high, seconds(10)).active).toHaveLength(1);
  });

  it("goes quiet by itself when the value is back", () => {
    expect(new Bed().play(12, patient({ heart_rate: 130 })).play(0.5, patient()).ids).toEqual([]);
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

  it("puts what kills first, then the high ones, the newest first, then the rest", () => {
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
      "apnoea",
      "pulse_lost",
      "etco2_low",
      "temp_off",
    ]);
  });

  it("lets a sensor that is off be a low one, and asks nothing of what it does not see", () => {
    const flags = { ecg_off: true, spo2_off: true, nibp_off: true, co2_off: true, temp_off: true };
    const bed = new Bed().play(30, patient({ rhythm: "asystole", heart_rate: 0, spo2: 50, systolic: 40, flags }));
    expect(new Set(bed.ids)).toEqual(new Set(["ecg_off", "spo2_off", "nibp_off", "co2_off", "temp_off"]));
    expect(bed.book.active.every((alarm) => alarm.priority === "low")).toBe(true);
  });

  it("calls a lost pulse a crisis although the ECG looks well (PEA)", () => {
    const bed = new Bed().play(1, patient()).play(14, patient({ flags: { pulseless: true } }));
    expect(bed.ids).toEqual(["pulse_lost"]);
    expect(bed.book.active[0]?.priority).toBe("high");
  });
});

describe("limits", () => {
  it("follow an edit at once: what is within the new ones stops", () => {
    const bed = new Bed().play(12, patient({ heart_rate: 130 }));
    bed.limits = { ...ADULT_LIMITS, heart_rate: { low: 50, high: 150 } };
    expect(bed.play(0.5, patient({ heart_rate: 130 })).ids).toEqual([]);
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

  it("does not cover an alarm that is new", () => {
    const bed = new Bed().play(12, patient({ heart_rate: 130 })).silence();
    bed.play(12, patient({ heart_rate: 130, spo2: 85 }));
    expect(sounding(bed.book)?.id).toBe("spo2_low");
  });

  it("does not cover one that went and came back, or grew worse", () => {
    const again = new Bed().play(12, patient({ heart_rate: 130 })).silence().play(1, patient());
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
