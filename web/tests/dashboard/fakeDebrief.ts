import { enDebrief } from "../../src/i18n/en/debrief";
import { ADULT_LIMITS } from "../../src/patient/signs";
import type { SharedDebrief } from "../../src/wire/beside";
import type { ServerMoment, ServerMomentKind } from "../../src/wire/debrief";
import type { Annotation, Debrief, SessionEvent } from "../../src/wire/types";
import { aCase, anEvent, NOON, TRAINER } from "./fakeDevice";

/** A record, and what a server makes of it: something of everything that a debrief can say. People's own words are Zoé's. */

/** Of the session. */
export const atSecond = (seconds: number) => new Date(NOON + seconds * 1000).toISOString();
const by = { role: "trainer", id: TRAINER.id, name: TRAINER.name } as const;

export const ITS_CASE = aCase({
  description: "A first dose of co-amoxiclav.",
  steps: [{ key: "onset", title: "Onset", at_seconds: 30, ramp_seconds: 20, vitals: { heart_rate: 110 }, rhythm: null, flags: {}, note: "Itching", transitions: [] }],
  checklist: [{ key: "call", text: "Calls for help", critical: true, marker: "help", target_seconds: 60, from: "start" }],
});

export const RECORD: SessionEvent[] = [
  anEvent({ id: "1", kind: "case", text: "started", details: { action: "started" } }),
  anEvent({ id: "2", kind: "vitals", step: "onset", heart_rate: 120, systolic: 80, ramp_seconds: 30 }),
  anEvent({ id: "3", kind: "vitals", flags: { spo2_off: true, temp_off: true } }),
  anEvent({ id: "4", kind: "action", text: "nibp_start", details: { action: "nibp_start" } }),
  anEvent({ id: "5", kind: "note", marker: "help" }),
  anEvent({ id: "6", kind: "vitals", rhythm: "ventricular_fibrillation", flags: { cpr: true } }),
  anEvent({ id: "7", kind: "note", marker: "defibrillation", text: "Itching" }),
  anEvent({ id: "8", kind: "vitals", rhythm: "sinus", flags: { cpr: false } }),
  anEvent({ id: "9", kind: "lifecycle", text: "closed", details: { reason: "closed" } }),
].map((event, place) => ({ ...event, seq: place + 1, created_at: atSecond(place * 60), made_at: atSecond(place * 60) }));

const DETAILS: Partial<Record<ServerMomentKind, ServerMoment["details"]>> = {
  rhythm: { rhythm: "svt" }, arrest: { rhythm: "asystole" }, step: { step: "onset" }, bookmark: { marker: "help" },
  sensor_off: { sensors: [{ flag: "temp_off", seconds: null }] },
}; // prettier-ignore

export function aDebrief(): Debrief {
  const kinds = Object.keys(enDebrief.moments.kinds) as ServerMomentKind[];
  const moments = kinds.map((kind, place): ServerMoment => ({ at: atSecond(place * 30), seq: place, kind, text_key: kind as ServerMoment["text_key"], details: DETAILS[kind] ?? {}, is_hidden: false, title: null }));
  const time = (marker: string, from: string, is_met: boolean | null) => ({ marker, from, seconds: is_met === null ? null : 40, target_seconds: 60, is_met });
  const arrest = {
    onset_seq: 6, onset_at: atSecond(300), end_at: atSecond(420), end: "rosc", seconds: 120, compressions_seconds: 90, no_flow_seconds: 30,
    no_flow_fraction: 0.25, compression_fraction: 0.75, compression_fraction_from_first: 0.8, pauses: [{ at: atSecond(360), seconds: 5 }],
    longest_pause_seconds: 5, pauses_over_10: 0, shocks: [{ at: atSecond(361), pre_seconds: 1, post_seconds: null }],
    to_recognition_seconds: 5, to_compressions_seconds: 6, to_shock_seconds: 61, to_adrenaline_seconds: null, third_shock_to_adrenaline_seconds: null,
    to_rosc_seconds: 120, shock_intervals: [], adrenaline_intervals: [], rhythm_check_intervals: [],
  } as const; // prettier-ignore
  return {
    duration_seconds: 480,
    moments,
    times: [time("help", "start", true), time("defibrillation", "arrest", false), time("antibiotic", "blood_cultures", null)],
    resuscitation: [{ ...arrest, pauses: [...arrest.pauses], shocks: [...arrest.shocks], shock_intervals: [], adrenaline_intervals: [], rhythm_check_intervals: [] }],
    news2: [],
    scores: {
      sheets: [{ by, items: { call: { score: 1, at: atSecond(200), comment: "Zoé" } }, comment: "Zoé", percent: 50, is_passed: false }],
      differences: [{ key: "call" }],
    },
    attendance: [{ seat_id: "seat-1", name: "Zoé", spans: [{ joined_at: atSecond(0), left_at: null }] }],
    limits_since: [],
    reflections: [{ seat_id: null, name: null, words: "Zoé", scores: { call: "na" } }],
  };
}

export function itsAnnotations(): Annotation[] {
  return (["bookmark", "note", "plus", "delta", "takeaway"] as const).map((kind, place) => ({
    id: kind, session_id: "session-1", at: atSecond(place * 20), kind, text: kind === "bookmark" ? "" : "Zoé", marker: null, by,
    created_at: atSecond(0), updated_at: atSecond(0), deleted_at: null, version: 1,
  })); // prettier-ignore
}

export function aShare(): SharedDebrief {
  return {
    ...aDebrief(),
    title: "Anaphylaxis", trainee_name: "Zoé", created_at: atSecond(0), closed_at: atSecond(480), expires_at: atSecond(9000), limits: ADULT_LIMITS,
    case: ITS_CASE, annotations: itsAnnotations(), events: RECORD,
  }; // prettier-ignore
}
