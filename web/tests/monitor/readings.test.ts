import { describe, expect, it } from "vitest";
import {
  livePressures,
  NO_PULSE_YET,
  PULSE_LOST_SECONDS,
  readingsAt,
  watchPulse,
  type Readings,
} from "../../src/monitor/readings";
import { hasPulse } from "../../src/waves";
import type { LastValues } from "../../src/wire/types";
import { NOW, patient, seconds } from "./patient";

function read(last: LastValues, cuff: Parameters<typeof readingsAt>[4] = null): Readings {
  const memory = watchPulse(NO_PULSE_YET, last, hasPulse(last, NOW), NOW - 60_000);
  return readingsAt(last, NOW, hasPulse(last, NOW), memory, cuff);
}

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

  it("holds the saturation for a while, then shows that it cannot read it", () => {
    const well = patient({ spo2: 94 });
    const arrest = patient({ spo2: 30, flags: { pulseless: true } });
    let memory = watchPulse(NO_PULSE_YET, well, true, NOW);
    memory = watchPulse(memory, arrest, false, seconds(1));
    const at = (count: number) => readingsAt(arrest, seconds(count), false, memory, null).spo2;
    expect(at(PULSE_LOST_SECONDS)).toBe(94);
    expect(at(PULSE_LOST_SECONDS + 1.5)).toBe("unreadable");
  });

  it("is unreadable at once for a screen that opens upon it, and readable again at once with the pulse", () => {
    const arrest = patient({ flags: { pulseless: true } });
    const memory = watchPulse(NO_PULSE_YET, arrest, false, NOW);
    expect(readingsAt(arrest, NOW, false, memory, null).spo2).toBe("unreadable");
    const back = watchPulse(memory, patient({ spo2: 84 }), true, seconds(60));
    expect(back.lost_at).toBeNull();
    expect(readingsAt(patient({ spo2: 84 }), seconds(60), true, back, null).spo2).toBe(84);
  });
});

describe("pressures", () => {
  const cuff = { systolic: 131, diastolic: 84, mean: 100, at: NOW - 300_000 };

  it("are live, unless the trainer wants them measured", () => {
    expect(read(patient(), cuff)).toMatchObject({ systolic: 120, diastolic: 80, mean: 93, is_cuff_result: false });
    expect(read(patient({ flags: { nibp_auto: true } }), cuff)).toMatchObject({
      systolic: 131,
      diastolic: 84,
      mean: 100,
      is_cuff_result: true,
    });
    expect(read(patient({ flags: { nibp_auto: true } }))).toMatchObject({ systolic: "none" });
  });

  it("stand still in a cuff although the patient has lost the pulse since", () => {
    expect(read(patient({ flags: { nibp_auto: true, pulseless: true } }), cuff).systolic).toBe(131);
  });

  it("are not found without a pulse, nor when there is next to none", () => {
    expect(livePressures(patient(), NOW, false)).toBeNull();
    expect(livePressures(patient({ systolic: 25, diastolic: 10 }), NOW, true)).toBeNull();
  });

  it("never show the lower one above the upper one while two ramps cross", () => {
    const ramps = { systolic: { from: 120, started_at: new Date(NOW - 30_000).toISOString(), seconds: 60 } };
    const crossing = livePressures(patient({ systolic: 60, diastolic: 95, ramps }), NOW, true);
    expect(crossing).toMatchObject({ systolic: 90, diastolic: 90 });
  });
});

it("follows ramps by the server's clock", () => {
  const ramps = { heart_rate: { from: 80, started_at: new Date(NOW - 15_000).toISOString(), seconds: 60 } };
  expect(read(patient({ heart_rate: 140, ramps })).heart_rate).toBe(95);
});
