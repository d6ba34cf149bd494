import { SIGN_NAMES } from "../../../patient/signs";
import type { SignName } from "../../../wire/types";
import type { TimeKind } from "../file/moments";
import type { RecordedColumn, Recording } from "../file/recording";
import type { Mapping, ReadUnit, SignColumn, TimeColumn } from "./mapping";
import type { SeenColumn, SeenRecording } from "./seen";

/** By what monitors call things in English and in French; a person corrects it. */
const NAMES: Record<SignName, readonly (readonly [RegExp, number])[]> = {
  heart_rate: [
    [/\b(hr|fc|heart ?rate|freq(uence)? card(iaque)?|rythme cardiaque|ecg hr|hr ecg)\b/, 10],
    [/\b(pulse( rate)?|pouls|pr|pls|pleth hr|plethhr|fp|ecg)\b/, 6],
    [/\bbpm\b/, 3],
  ],
  systolic: [[/\b(sys\w*|sbp|pas|pnis|nibps|nbps|abps|pss)\b|\b(pni|nibp|nbp|ibp|abp|bp|pa|art|ta) s\b/, 10]],
  diastolic: [[/\b(dia\w*|dbp|pad|pnid|nibpd|nbpd|abpd|psd)\b|\b(pni|nibp|nbp|ibp|abp|bp|pa|art|ta) d\b/, 10]],
  spo2: [[/\b(sp ?o ?2|sa ?o ?2|sat\w*|pleth spo2|osat)\b/, 10]],
  respiratory_rate: [[/\b(rr|resp\w*|fr|freq(uence)? resp\w*|rr co2|co2 rr|awrr|vent rr|breath\w*|br)\b/, 10]],
  etco2: [
    [/\b((et|pet|fet) ?co ?2|co2 et|co2 fin d?e?x?\w*|end tidal\w*)\b/, 10],
    [/\b(capno\w*|co2)\b/, 3],
  ],
  temperature: [[/\b(temp\w*|bt|t ?\d|t °c|tcore|tympan\w*|core t\w*)\b/, 10]],
};
/** Of what is no measurement of the sign: alarm limits, means, what a pump gives. */
const OTHERS = /\b(alarm\w*|lim\w*|min|max|set|fi ?o ?2|mean|moy\w*|map|mbp|pam|pnim|nibpm|qualit\w*|status|etat)\b/;
const INVASIVE = /\b(art|abp\w*|ibp\w*|inv\w*|pai)\b/;
const CUFF = /\b(ni?bp\w*|nibp|pni\w*|cuff|brassard|non inv\w*)\b/;
const TIME = /\b(time|temps|heure\w*|horodat\w*|elapsed|ecoule|timestamp|seconds?|secondes?|sec|minutes?|date)\b|^(t|s)$/;
/** A cuff takes its time: fewer readings than one in so many rows. */
const SELDOM = 5;
/** Numerics of VitalDB come about every two seconds. */
const VITALDB = /^(solar8000|primus|intellivue|bx50)\//i;

export function guess(recording: Recording, seen: SeenRecording): Mapping {
  const time = guessTime(recording, seen);
  const signs: Mapping["signs"] = {};
  const taken = new Set([time.column]);
  for (const { sign, column } of ranked(recording, seen)) {
    if (signs[sign] !== undefined || taken.has(column)) continue;
    signs[sign] = { column, unit: guessUnit(sign, recording.columns[column]!, seen.columns[column]!) };
    taken.add(column);
  }
  return { time, signs, isCuff: isCuff(recording, seen, signs.systolic ?? signs.diastolic) };
}

interface Candidate {
  sign: SignName;
  column: number;
  score: number;
}

function ranked(recording: Recording, seen: SeenRecording): Candidate[] {
  return SIGN_NAMES.flatMap((sign) =>
    recording.columns.map((column, place) => ({ sign, column: place, score: scoreOf(sign, column, seen, place) })),
  )
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score || one.column - other.column);
}

function scoreOf(sign: SignName, column: RecordedColumn, seen: SeenRecording, place: number): number {
  const looked = seen.columns[place];
  const name = plain(column.name);
  if (looked === undefined || looked.numbers === 0 || OTHERS.test(name)) return 0;
  const named = Math.max(0, ...NAMES[sign].map(([words, score]) => (words.test(name) ? score : 0)));
  if (named === 0) return 0;
  // Among those of one name the one with the most values, and of pressures the curve before the cuff.
  const often = looked.numbers / Math.max(1, seen.rows);
  return named + often + (INVASIVE.test(name) && !/\bnon\b/.test(name) ? 1.5 : 0);
}

/** `ABPSys` is said in two words; accents and signs between words are gone. */
function plain(name: string): string {
  const folded = name.normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  const apart = folded.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/([A-Z]{2,})([A-Z][a-z])/g, "$1 $2");
  return `${folded} ${apart}`.toLowerCase().replace(/[^a-z0-9°%]+/g, " ").replace(/\b(sp|sa|et|fi) ?o(\d)/g, "$1o$2").trim();
}

function guessUnit(sign: SignName, { unit, name }: RecordedColumn, seen: SeenColumn): ReadUnit {
  const written = `${unit} ${name}`.toLowerCase();
  if (sign === "temperature") return /°f|\bf\b|fahrenheit/.test(written) || seen.low > 60 ? "°F" : "own";
  if (sign === "spo2") return seen.high <= 1 && seen.high > 0 ? "fraction" : "own";
  const isPressure = sign === "systolic" || sign === "diastolic" || sign === "etco2";
  if (!isPressure) return "own";
  const most = sign === "etco2" ? 12 : 40;
  return written.includes("kpa") || (!written.includes("mmhg") && seen.high > 0 && seen.high <= most) ? "kPa" : "own";
}

function isCuff(recording: Recording, seen: SeenRecording, pressure: SignColumn | undefined): boolean {
  if (pressure === undefined) return false;
  const name = plain(recording.columns[pressure.column]?.name ?? "");
  if (CUFF.test(name)) return true;
  return !INVASIVE.test(name) && (seen.columns[pressure.column]?.numbers ?? 0) * SELDOM < seen.rows;
}

function guessTime(recording: Recording, seen: SeenRecording): TimeColumn {
  if (recording.interval !== null) return { column: null, kind: "rows", interval: recording.interval };
  let [best, most] = [null as TimeColumn | null, 0];
  for (const [place, { name, unit }] of recording.columns.entries()) {
    const looked = seen.columns[place]!;
    const kind = kindOfTime(looked, `${unit} ${name}`.toLowerCase());
    const score = kind === null ? 0 : 1 + (TIME.test(plain(name)) ? 4 : 0) + (place === 0 ? 2 : 0) + (looked.clocks > 0 ? 2 : 0);
    if (kind !== null && score > most) [best, most] = [{ column: place, kind, interval: 1 }, score];
  }
  // Numbers that grow are a time only where they are called so, or come first.
  if (best !== null && most > 1) return best;
  return { column: null, kind: "rows", interval: recording.columns.some(({ name }) => VITALDB.test(name)) ? 2 : 1 };
}

function kindOfTime(seen: SeenColumn, written: string): TimeKind | null {
  if (seen.clocks > 0 && seen.clocks >= seen.numbers) {
    const areMinutes = !seen.hasSeconds && (seen.hasFraction || seen.largestClock > 23);
    return areMinutes ? "minutes_seconds" : "clock";
  }
  const isSteady = seen.numbers > 1 && (seen.downs === 0 || seen.ups === 0) && seen.ups + seen.downs > 0;
  if (!isSteady) return null;
  if (seen.high > 1e11 || /\b(ms|msec|milli\w*)\b/.test(written)) return "milliseconds";
  if (/\b(min|minutes?)\b/.test(written)) return "minutes";
  const areDays = seen.low > 20_000 && seen.high < 80_000 && seen.high - seen.low < 2 && seen.numbers > 2;
  return areDays ? "days" : "seconds";
}
