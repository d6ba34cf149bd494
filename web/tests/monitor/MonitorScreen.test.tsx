// @vitest-environment happy-dom
import { render } from "preact";
import { act as rendered } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { chooseLanguage } from "../../src/i18n";
import { MonitorScreen, type MonitorScreenProps } from "../../src/monitor/MonitorScreen";
import { fold } from "../../src/patient/fold";
import { act } from "../../src/patient/nibp";
import { ADULT_LIMITS } from "../../src/patient/signs";
import type { LastValues } from "../../src/wire/types";
import { NOW, patient } from "./patient";

let now = NOW;
const text = (selector: string) => document.querySelector(selector)?.textContent ?? null;
const digits = (tile: string) => text(`.mon-tile-${tile} .mon-digits`);
const key = (index: number) => document.querySelectorAll<HTMLButtonElement>(".mon-key")[index];

function show(last: LastValues, props: Partial<MonitorScreenProps> = {}): void {
  const state = { session_id: "s1", last_values: last, at: now, limits: ADULT_LIMITS };
  void rendered(() => render(<MonitorScreen state={state} serverNow={() => now} theme="dark" {...props} />, document.body));
}

/** The screen ticks four times a second; the server's clock goes along. */
async function pass(seconds: number): Promise<void> {
  for (let i = 0; i < seconds * 4; i += 1) {
    now += 250;
    await vi.advanceTimersByTimeAsync(250);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  now = NOW;
  chooseLanguage("en");
});

afterEach(() => {
  render(null, document.body);
  vi.useRealTimers();
});

describe("the monitor", () => {
  it("shows the six quantities", () => {
    show(act(patient(), "nibp_start", {}, now - 60_000));
    expect(["ecg", "spo2", "nibp", "temperature", "co2", "resp"].map(digits)).toEqual([
      "75",
      "98",
      "120/80",
      "37.0",
      "38",
      "16",
    ]);
    expect(text(".mon-mean")).toBe("(93)");
  });

  it("speaks French and the units that somebody likes", () => {
    chooseLanguage("fr");
    show(act(patient(), "nibp_start", {}, now - 60_000), { units: { pressure: "kPa", temperature: "°C" } });
    expect(digits("temperature")).toBe("37,0");
    expect(digits("nibp")).toBe("16,0/10,7");
    expect(text(".mon-tile-ecg .mon-label")).toBe("FC");
    expect(text(".mon-tile-nibp .mon-label")).toBe("PNI");
  });

  it("follows a ramp by the server's clock, and touches only the text that moves", async () => {
    const ramps = { heart_rate: { from: 80, started_at: new Date(NOW).toISOString(), seconds: 60 } };
    show(patient({ heart_rate: 140, ramps }));
    const node = document.querySelector(".mon-tile-ecg .mon-digits")?.firstChild;
    await pass(15);
    expect(digits("ecg")).toBe("95");
    expect(document.querySelector(".mon-tile-ecg .mon-digits")?.firstChild).toBe(node);
  });

  it("lets a ramp stand while the session is paused, says so, and goes on when it is resumed", async () => {
    const ramps = { heart_rate: { from: 95, started_at: new Date(NOW).toISOString(), seconds: 45 } };
    show(patient({ heart_rate: 140, ramps, paused_at: new Date(NOW).toISOString() }));
    await pass(20);
    expect([digits("ecg"), text(".mon-pause")]).toEqual(["95", "Pause"]);
    const later = { heart_rate: { from: 95, started_at: new Date(now).toISOString(), seconds: 45 } };
    show(patient({ heart_rate: 140, ramps: later }));
    await pass(15);
    expect([digits("ecg"), text(".mon-pause")]).toEqual(["110", ""]);
  });

  it("asks for a measurement, and shows the result, with its time, when the cuff is down", async () => {
    const onAction = vi.fn().mockReturnValue(true);
    show(patient(), { onAction });
    expect(digits("nibp")).toBe("---/---");
    key(1)?.click();
    expect(onAction).toHaveBeenCalledWith("nibp_start", {});
    // It begins when the server says so.
    await pass(1);
    expect(text(".mon-cuff")).toBeNull();
    const last = act(patient(), "nibp_start", {}, now);
    show(last, { onAction });
    await pass(8);
    expect(text(".mon-cuff")).toContain("Inflating 80");
    const worse = fold(last, { vitals: { systolic: 70, diastolic: 40 } }, now);
    show(worse, { onAction });
    await pass(21);
    expect(digits("nibp")).toBe("---/---");
    await pass(1);
    expect(digits("nibp")).toBe("120/80");
    expect(text(".mon-mean")).toBe("(93)");
    expect(text(".mon-tile-nibp .mon-sub")).toMatch(/^at \d\d:\d\d$/);
    show(fold(worse, { rhythm: "asystole" }, now), { onAction });
    await pass(30);
    expect(digits("nibp")).toBe("120/80");
  });

  it("stops the cuff, and says how often it measures by itself", async () => {
    const onAction = vi.fn().mockReturnValue(true);
    const last = act(patient(), "nibp_cycle", { minutes: 2.5 }, now);
    show(last, { onAction });
    await pass(5);
    key(1)?.click();
    expect(onAction).toHaveBeenCalledWith("nibp_stop", {});
    show(act(last, "nibp_stop", {}, now), { onAction });
    await pass(1);
    expect(text(".mon-cuff")).toBeNull();
    expect(text(".mon-tile-nibp .mon-sub")).toBe("Press NIBP ↻ 2.5 minmeasures every 2.5 min");
    expect(text(".mon-alarms")).not.toContain("NIBP");
  });

  it("finds no pressure without a pulse, and takes longer to say so", async () => {
    show(act(patient({ flags: { pulseless: true } }), "nibp_start", {}, now));
    await pass(59);
    expect(text(".mon-cuff")).not.toBeNull();
    await pass(4);
    expect(digits("nibp")).toBe("---/---");
    expect(text(".mon-tile-nibp .mon-sub")).toBe("No reading");
    expect(text(".mon-alarms")).toContain("NIBP: no reading");
  });

  it("raises an alarm at its tile and in words, and can be silenced", async () => {
    const onAction = vi.fn().mockReturnValue(true);
    const alarm = vi.fn();
    const sound = { alarm, beat: vi.fn() };
    show(patient({ spo2: 85 }), { onAction, sound });
    await pass(11);
    expect(document.querySelector(".mon-tile-spo2")?.getAttribute("data-alarm")).toBe("medium");
    expect(text(".mon-chip")).toContain("** SpO₂ 85 < 90");
    expect(text("[role=alert]")).toBe("Medium priority: SpO₂ low");
    expect(alarm).toHaveBeenLastCalledWith(expect.objectContaining({ id: "spo2_low" }));
    key(0)?.click();
    await pass(1);
    expect(alarm).toHaveBeenLastCalledWith(null);
    expect(text(".mon-silenced")).toContain("1:59");
    expect(onAction).toHaveBeenCalledWith("alarm_silence", { alarms: ["spo2_low"] });
  });

  it("does not let the flash of an alarm jump when the session is updated or the alarm gets worse", async () => {
    const state = { session_id: "s1", at: now, limits: ADULT_LIMITS };
    const ill = patient({ heart_rate: 125 });
    show(ill, { state: { ...state, last_values: ill } });
    await pass(11);
    const tile = document.querySelector(".mon-tile-ecg");
    const phase = tile?.getAttribute("style");
    expect(phase).toMatch(/--mon-phase: -?\d+ms/);
    await vi.advanceTimersByTimeAsync(170);
    // What comes over the line is a new object, though nothing in it has changed.
    show(ill, { state: { ...state, last_values: ill, limits: { ...ADULT_LIMITS } } });
    expect(tile?.getAttribute("style")).toBe(phase);
    const worse = patient({ heart_rate: 180 });
    show(worse, { state: { ...state, last_values: worse } });
    await pass(6);
    expect(tile?.getAttribute("data-alarm")).toBe("high");
    expect(tile?.getAttribute("style")).toBe(phase);
  });

  it("beeps at each beat of the ECG, at the pitch of the saturation as long as there is one", async () => {
    const beat = vi.fn();
    const sound = { alarm: vi.fn(), beat };
    show(patient({ heart_rate: 60, spo2: 91 }), { sound });
    await pass(10);
    expect(beat.mock.calls.length).toBeGreaterThanOrEqual(9);
    expect(beat.mock.calls.length).toBeLessThanOrEqual(12);
    expect(beat.mock.calls.every(([spo2, delay]) => spo2 === 91 && delay >= 0 && delay < 500)).toBe(true);
    // PEA: the tone goes on, at one pitch when the finger has nothing to say any more.
    show(patient({ heart_rate: 60, spo2: 91, flags: { pulseless: true } }), { sound });
    await pass(12);
    beat.mockClear();
    await pass(10);
    expect(beat.mock.calls.length).toBeGreaterThanOrEqual(9);
    expect(beat.mock.calls.every(([spo2]) => spo2 === null)).toBe(true);
    show(patient({ heart_rate: 60, flags: { spo2_off: true } }), { sound });
    await pass(2);
    beat.mockClear();
    await pass(5);
    expect(beat.mock.calls.length).toBeGreaterThanOrEqual(4);
  });

  it("beeps with the finger's pulse while the electrodes are off, and not at all through compressions or in VF", async () => {
    const beat = vi.fn();
    const sound = { alarm: vi.fn(), beat };
    show(patient({ heart_rate: 60, flags: { ecg_off: true } }), { sound });
    await pass(5);
    expect(beat.mock.calls.length).toBeGreaterThanOrEqual(4);
    for (const last of [
      patient({ heart_rate: 60, flags: { pulseless: true, cpr: true } }),
      patient({ rhythm: "ventricular_fibrillation" }),
      patient({ heart_rate: 60, flags: { ecg_off: true, pulseless: true } }),
    ]) {
      show(last, { sound });
      await pass(12);
      beat.mockClear();
      await pass(5);
      expect(beat).not.toHaveBeenCalled();
    }
  });

  it("says -?- for a pulse that was lost, after a while", async () => {
    show(patient({ spo2: 96 }));
    await pass(1);
    show(patient({ spo2: 30, flags: { pulseless: true } }));
    await pass(5);
    expect(digits("spo2")).toBe("96");
    await pass(8);
    expect(digits("spo2")).toBe("-?-");
  });

  it("keeps to itself what the patient has, unless it is told otherwise", () => {
    show(patient({ flags: { haemorrhage: true } }));
    expect(text(".mon-conditions")).toBeNull();
    show(patient({ flags: { haemorrhage: true } }), { showsConditions: false });
    expect(document.body.textContent).not.toContain("Haemorrhage");
  });

  it("shows the conditions that are set, and none that is not", () => {
    show(patient({ flags: { haemorrhage: true, cardiac_arrest: false } }), { showsConditions: true });
    expect(text(".mon-conditions")).toBe("Haemorrhage");
  });

  it("has no keys in a preview, and is silent there", async () => {
    show(patient({ spo2: 85 }), { compact: true });
    expect(text(".mon-tile-nibp .mon-sub")).toBe("Not measured");
    expect(document.querySelectorAll("button")).toHaveLength(0);
    await pass(11);
    expect(text(".mon-chip")).toContain("SpO₂ 85 < 90");
  });

  it("shows the same cuff in a preview, also when that comes in the middle", async () => {
    show(act(patient(), "nibp_start", {}, now - 20_000), { compact: true });
    await pass(1);
    expect(text(".mon-cuff")).toContain("Measuring");
    await pass(10);
    expect(digits("nibp")).toBe("120/80");
  });

  it("never touches storage or the network", async () => {
    const stored = vi.spyOn(Storage.prototype, "setItem");
    const fetched = vi.fn();
    vi.stubGlobal("fetch", fetched);
    show(patient());
    key(1)?.click();
    await pass(35);
    expect(stored).not.toHaveBeenCalled();
    expect(fetched).not.toHaveBeenCalled();
    vi.unstubAllGlobals();
  });
});
