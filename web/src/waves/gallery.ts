import { RHYTHMS, SIGN_NAMES, SIGNS } from "../patient/signs";
import type { LastValues, Rhythm, Signs } from "../wire/types";
import { co2Top, createLoop, createWaves, type LaneLook, paperOf, spanOf, Sweep, type WaveKind } from "./index";

/**
 * Every rhythm, pleth and CO2 on one page, for the eyes of a reviewer; not part of the production build.
 * ?live moves, and tells the milliseconds of script per second; ?only=0,18 shows these of the STORIES, ?t= sets the moment.
 */

const RATES: Partial<Record<Rhythm, number>> = {
  atrial_fibrillation: 110,
  svt: 190,
  av_block_3: 38,
  junctional: 52,
  idioventricular: 32,
  ventricular_tachycardia: 170,
  torsades: 220,
  stemi: 85,
};

type Story = { title: string; kind: WaveKind; last: LastValues; later?: LastValues };

function last(rhythm: Rhythm, signs: Partial<Signs> = {}, flags: LastValues["flags"] = {}): LastValues {
  const start = Object.fromEntries(SIGN_NAMES.map((name) => [name, SIGNS[name].start])) as Signs;
  return { ...start, heart_rate: RATES[rhythm] ?? 75, ...signs, rhythm, flags, ramps: {}, nibp: null };
}

const ecg = (rhythm: Rhythm, more: Partial<Signs> = {}, flags: LastValues["flags"] = {}): Story => {
  const state = last(rhythm, more, flags);
  return { title: `${rhythm} ${state.heart_rate} ${Object.keys(flags).join(" ")}`, kind: "ecg", last: state };
};
const lane = (title: string, kind: WaveKind, state: LastValues): Story => ({ title, kind, last: state });

/** A push in the middle of the picture. */
const change = (title: string, kind: WaveKind, from: LastValues, later: LastValues): Story => ({
  ...lane(title, kind, from),
  later,
});
const ramped = (to: LastValues, from: number, seconds: number): LastValues => ({
  ...to,
  ramps: { heart_rate: { from, seconds, started_at: new Date(now - CHANGED).toISOString() } },
});

const COLOURS: Record<WaveKind, string> = { ecg: "#2ee56b", pleth: "#2fd6ff", resp: "#ffe14d", co2: "#ffe14d" };
/** ms before the moment shown. */
const CHANGED = 5_000;
const asked = new URLSearchParams(location.search);
const live = asked.has("live");
const only = asked.get("only")?.split(",").map(Number);
const now = Number(asked.get("t") ?? Date.UTC(2026, 10, 21, 9, 30, 4));

const STORIES: Story[] = [
  ...RHYTHMS.map((rhythm) => ecg(rhythm)),
  ecg("sinus", { heart_rate: 140 }),
  ecg("atrial_flutter", { heart_rate: 120 }),
  ecg("atrial_flutter", { heart_rate: 150 }),
  ecg("asystole", {}, { cpr: true }),
  lane("pleth sinus 75", "pleth", last("sinus")),
  lane("pleth AF 110", "pleth", last("atrial_fibrillation")),
  lane("pleth sinus 140, 70/50", "pleth", last("sinus", { heart_rate: 140, systolic: 70, diastolic: 50 })),
  lane("pleth bigeminy", "pleth", last("pvc_bigeminy")),
  lane("pleth VT 170", "pleth", last("ventricular_tachycardia")),
  lane("pleth VF, cpr", "pleth", last("ventricular_fibrillation", {}, { cpr: true })),
  lane("resp 16", "resp", last("sinus")),
  lane("co2 16, 38", "co2", last("sinus")),
  lane("co2 28, 62, bronchospasm", "co2", last("sinus", { respiratory_rate: 28, etco2: 62 }, { bronchospasm: true })),
  lane("co2 12, 14, cpr", "co2", last("asystole", { respiratory_rate: 12, etco2: 14 }, { cpr: true })),
  lane("co2 6, 55", "co2", last("sinus", { respiratory_rate: 6, etco2: 55 })),
  lane("resp 30", "resp", last("sinus", { respiratory_rate: 30 })),
  change("sinus 60 to 130", "ecg", last("sinus", { heart_rate: 60 }), last("sinus", { heart_rate: 130 })),
  change("its pleth", "pleth", last("sinus", { heart_rate: 60 }), last("sinus", { heart_rate: 130 })),
  change("sinus to VF", "ecg", last("sinus"), last("ventricular_fibrillation")),
  change("its pleth", "pleth", last("sinus"), last("ventricular_fibrillation")),
  change("VF to sinus", "ecg", last("ventricular_fibrillation"), last("sinus")),
  change("sinus, electrodes off", "ecg", last("sinus"), last("sinus", {}, { ecg_off: true })),
  change("60 to 180 in 4 s", "ecg", last("sinus", { heart_rate: 60 }), ramped(last("sinus", { heart_rate: 180 }), 60, 4)),
  change("75 to 0 in 4 s", "ecg", last("sinus"), ramped(last("sinus", { heart_rate: 0 }), 75, 4)),
  change("sinus to VT", "ecg", last("sinus", { heart_rate: 90 }), last("ventricular_tachycardia")),
  change("flutter 75 to 150", "ecg", last("atrial_flutter"), last("atrial_flutter", { heart_rate: 150 })),
  change("apnoea, co2", "co2", last("sinus"), last("sinus", { respiratory_rate: 0 })),
  change("12 to 36, co2", "co2", last("sinus", { respiratory_rate: 12 }), last("sinus", { respiratory_rate: 36, etco2: 28 })),
  change("apnoea, resp", "resp", last("sinus"), last("sinus", { respiratory_rate: 0 })),
  change("12 to 36, resp", "resp", last("sinus", { respiratory_rate: 12 }), last("sinus", { respiratory_rate: 36 })),
];

function scaleOf(story: Story): Pick<LaneLook, "low" | "high"> {
  if (story.kind === "ecg") return { low: -1.2, high: 1.8 };
  if (story.kind === "co2") return { low: 0, high: co2Top(story.last.etco2) };
  return { low: -0.1, high: 1.2 };
}

const shown = only?.map((at) => STORIES[at] as Story) ?? STORIES;
const width = 850;
const height = only === undefined ? 96 : 150;
let spent = 0;
const loop = createLoop(() => Date.now());
for (const story of shown) {
  const title = document.createElement("div");
  title.textContent = story.title;
  const canvas = document.createElement("canvas");
  canvas.style.height = `${height}px`;
  title.append(canvas);
  document.getElementById("lanes")?.append(title);
  const waves = createWaves("7c9e6679-7425-40de-944b-e07fc1f90ae7");
  waves.update(story.last, now - 60_000);
  if (story.later !== undefined) waves.update(story.later, now - CHANGED);
  const look: LaneLook = {
    kind: story.kind,
    colour: COLOURS[story.kind],
    ground: "#050a0c",
    lineWidth: 1.75,
    span: spanOf(story.kind, width),
    off: "dashed",
    ...scaleOf(story),
  };
  const sweep = new Sweep(paperOf(canvas) as CanvasRenderingContext2D, waves, look);
  sweep.resize(width * devicePixelRatio, height * devicePixelRatio, devicePixelRatio);
  if (!live) sweep.draw(now);
  else
    loop.add((time) => {
      const began = performance.now();
      sweep.draw(time);
      spent += performance.now() - began;
    });
}
if (live) {
  let frames = 0;
  loop.add(() => frames++);
  loop.start();
  setInterval(() => {
    const text = `${frames} frames, ${spent.toFixed(1)} ms of script in the last second`;
    (document.getElementById("mean") as HTMLElement).textContent = document.title = text;
    frames = spent = 0;
  }, 1_000);
}
