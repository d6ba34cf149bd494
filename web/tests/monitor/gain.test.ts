import { describe, expect, it } from "vitest";
import { ecgGain, ecgScale } from "../../src/monitor/lanes";
import { RHYTHMS } from "../../src/patient/signs";
import { createWaves } from "../../src/waves";
import { NOW, patient } from "./patient";

function extremes(last: Parameters<typeof patient>[0]): [number, number] {
  const waves = createWaves("one");
  waves.update(patient(last), NOW);
  const out = new Float32Array(12_500);
  waves.sample("ecg", NOW, NOW + 50_000, 4, out);
  return [Math.min(...out), Math.max(...out)];
}

describe("the gain of the ECG", () => {
  it.each(RHYTHMS)("holds %s, with and without compressions: nothing runs out of the lane", (rhythm) => {
    for (const flags of [{}, { cpr: true }] as Record<string, boolean>[])
      for (const heart_rate of [40, 80, 110, 180]) {
        const last = { rhythm, heart_rate, flags };
        const { low, high } = ecgScale(ecgGain(patient(last)));
        const [least, most] = extremes(last);
        expect(least).toBeGreaterThanOrEqual(low);
        expect(most).toBeLessThanOrEqual(high);
      }
  });

  it("is what stands on the lane: a millivolt is 0.6 times as high where it is lowered", () => {
    const [one, lowered] = [ecgScale(1), ecgScale(0.6)];
    expect((one.high - one.low) / (lowered.high - lowered.low)).toBeCloseTo(0.6, 6);
    expect(lowered.high).toBeGreaterThan(2.1);
    expect(ecgGain(patient({ rhythm: "torsades" }))).toBe(0.6);
    expect(ecgGain(patient({ flags: { cpr: true } }))).toBe(0.6);
    expect(ecgGain(patient({ rhythm: "ventricular_fibrillation_fine" }))).toBe(1);
  });
});
