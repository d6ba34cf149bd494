import { describe, expect, it } from "vitest";
import { warningsOf } from "../../../src/dashboard/debrief/chart/news2Steps";
import { bandsOf } from "../../../src/dashboard/debrief/chart/spans";
import { momentAt, timesBetween } from "../../../src/dashboard/debrief/chart/layout";
import { allMoments, foremost, neighbour, type FoundMoment } from "../../../src/dashboard/debrief/moments/moments";
import { ownMoments } from "../../../src/dashboard/debrief/moments/ownMoments";
import type { ToldAlarm } from "../../../src/dashboard/debrief/replay/alarmFold";
import { RecordCourse } from "../../../src/dashboard/room/record/course";
import type { RecordLine } from "../../../src/dashboard/room/record/record";
import { signChangesOf } from "../../../src/dashboard/room/record/track";
import { clockAt } from "../../../src/dashboard/room/case/caseTime";
import { patchOfEvent } from "../../../src/patient/patches";
import type { Annotation, SessionEvent } from "../../../src/wire/types";
import vectors from "../../../../tests/vectors/moments.json";
import { anEvent, NOON } from "../fakeDevice";

const at = (seconds: number) => NOON + seconds * 1000;
const END = at(300);

function aMoment(kind: FoundMoment["kind"], seconds: number, seq: number | null = 0): FoundMoment {
  return { key: `${seq} ${kind} ${seconds}`, at: at(seconds), seq, kind, details: {}, title: null, isHidden: false };
}

function alarm(id: ToldAlarm["id"], seconds: number, priority: ToldAlarm["priority"] = "high"): ToldAlarm {
  return { id, priority, tile: "ecg", family: "cardiac", raised_at: at(seconds), ended_at: null };
}

function lineOf(event: SessionEvent): RecordLine {
  const details = event.details ?? {};
  return {
    id: event.id, at: Date.parse(event.made_at), stored_at: Date.parse(event.created_at), kind: event.kind, who: event.by.name,
    patch: event.kind === "vitals" ? patchOfEvent(event) : null, step: event.step, marker: event.marker, text: event.text,
    control: event.kind === "case" ? String(details["action"]) : null, action: event.kind === "action" ? String(details["action"]) : null,
    details, event, isWaiting: false, isBeside: false, undone: null,
  }; // prettier-ignore
}

type Recorded = Partial<SessionEvent> & Pick<SessionEvent, "kind"> & { seconds: number };

function found(events: Recorded[], until = END): FoundMoment[] {
  const lines = events.map(({ seconds, ...event }, place) => {
    const when = new Date(at(seconds)).toISOString();
    return lineOf(anEvent({ id: `e${place}`, seq: place + 1, created_at: when, made_at: when, ...event }));
  });
  const course = new RecordCourse(signChangesOf(lines), at(0));
  return ownMoments(lines, course, bandsOf(course, until), warningsOf(course, until).crossings, until);
}

interface VectorEvent {
  at: number;
  push?: { vitals?: object; rhythm?: SessionEvent["rhythm"]; flags?: SessionEvent["flags"] };
  step?: string;
  note?: { marker?: string; text?: string };
  action?: string;
  details?: object;
  case?: string;
  end?: string;
}

function ofVector({ at: seconds, push, step, note, action, details, case: control, end }: VectorEvent): Recorded {
  if (push !== undefined) return { seconds, kind: "vitals", step: step ?? null, ...push.vitals, rhythm: push.rhythm ?? null, flags: push.flags ?? null };
  if (note !== undefined) return { seconds, kind: "note", ...note };
  if (action !== undefined) return { seconds, kind: "action", details: { ...details, action } };
  if (control !== undefined) return { seconds, kind: "case", details: { action: control } };
  return { seconds, kind: "lifecycle", details: { reason: end } };
}

const told = (moments: readonly FoundMoment[]) => moments.map(({ kind, at: when }) => [kind, (when - NOON) / 1000]);

describe("moments that this device finds by itself", () => {
  it.each(vectors.vectors)("are the server's: $name", ({ events, moments, until }) => {
    const all = allMoments(found((events as VectorEvent[]).map(ofVector), at(until)), [], []);
    // The server tells the rhythm of an arrest twice; the screens leave the one out.
    const expected = (moments as [number, number, string, object][]).filter(
      ([, seq, kind]) => kind !== "rhythm" || !moments.some(([, other, another]) => other === seq && another === "arrest"),
    );
    expect(all.map(({ at: when, seq, kind }) => [(when - NOON) / 1000, seq, kind])).toEqual(expected.map(([when, seq, kind]) => [when, seq, kind]));
    for (const [place, [, , , details]] of expected.entries()) expect(all[place]!.details).toMatchObject(details);
  });

  it("are the opening, rhythms, arrests and their ends, steps, bookmarks, the first cuff and the end", () => {
    const all = found([
      { seconds: 5, kind: "action", details: { action: "nibp_start" } },
      { seconds: 20, kind: "vitals", step: "shock", heart_rate: 140 },
      { seconds: 60, kind: "vitals", rhythm: "ventricular_fibrillation" },
      { seconds: 70, kind: "note", marker: "cpr_started" },
      { seconds: 120, kind: "vitals", rhythm: "sinus", heart_rate: 90 },
      { seconds: 130, kind: "action", details: { action: "marker" } },
      { seconds: 140, kind: "action", details: { action: "alarm_silence" } },
      { seconds: 300, kind: "lifecycle", details: { reason: "closed" } },
    ]);
    expect(told(allMoments(all, [], []))).toEqual([
      ["opened", 0], ["step", 20], ["cuff", 35], ["arrest", 60], ["bookmark", 70], ["rhythm", 120], ["arrest_end", 120], ["bookmark", 130], ["end", 300],
    ]); // prettier-ignore
  });

  it("have no pressure where the pulse went while the cuff was up", () => {
    const all = found([
      { seconds: 5, kind: "action", details: { action: "nibp_start" } },
      { seconds: 12, kind: "vitals", flags: { pulseless: true } },
    ]);
    expect(told(all)).not.toContainEqual(["cuff", 35]);
    expect(told(all)).toContainEqual(["arrest", 12]);
  });

  it("are known by the push that led to them, as the server's are, where NEWS2 comes to 5 and 7 on its way", () => {
    const all = found([
      { seconds: 10, kind: "vitals", heart_rate: 135, systolic: 95, spo2: 90, diastolic: 60, ramp_seconds: 100 },
      { seconds: 60, kind: "note", marker: "help" },
    ]);
    const scores = all.filter(({ kind }) => kind.startsWith("news2"));
    expect(told(scores)).toEqual([["news2_5", 69.167], ["news2_7", 91.251]]); // prettier-ignore
    expect(scores.map(({ key, details }) => [key, details["total"]])).toEqual([["1 news2_5", 5], ["1 news2_7", 7]]); // prettier-ignore
  });

  it("find an arrest where a heart comes to its last beat on its way", () => {
    expect(told(found([{ seconds: 10, kind: "vitals", heart_rate: 0, ramp_seconds: 40 }]))).toContainEqual(["arrest", 50]);
  });
});

describe("all moments together", () => {
  it("tell an alarm only where nothing else here says it, and no yellow one", () => {
    const all = [aMoment("arrest", 60, 3), aMoment("arrest_end", 100, 4), aMoment("rhythm", 140, 5)];
    const alarms = [
      alarm("desaturation", 40), alarm("ventricular_fibrillation", 64), alarm("apnoea", 82), alarm("spo2_low", 90, "medium"),
      alarm("pulse_lost", 120), alarm("ventricular_tachycardia", 143), alarm("desaturation", 160),
    ]; // prettier-ignore
    expect(told(allMoments(all, alarms, []))).toEqual([
      ["alarm", 40], ["arrest", 60], ["arrest_end", 100], ["alarm", 120], ["rhythm", 140], ["alarm", 160],
    ]); // prettier-ignore
  });

  it("have what was noted beside the record, but no judgement and nothing that was taken back", () => {
    const note = (id: string, kind: Annotation["kind"], deleted_at: string | null = null) =>
      ({ id, at: new Date(at(30)).toISOString(), kind, text: "x", marker: null, deleted_at }) as Annotation;
    const all = allMoments([], [], [note("a", "note"), note("b", "plus"), note("c", "bookmark"), note("d", "takeaway"), note("e", "note", "2026")]);
    expect(all.map(({ key }) => key)).toEqual(["a", "c"]);
  });

  it("lead from one to the next and back", () => {
    const all = [aMoment("opened", 0), aMoment("step", 20), aMoment("end", 100)];
    expect(neighbour(all, at(0), "next")?.kind).toBe("step");
    expect(neighbour(all, at(20), "next")?.kind).toBe("end");
    expect(neighbour(all, at(20.5), "previous")?.kind).toBe("step");
    expect(neighbour(all, at(0), "previous")).toBeUndefined();
    expect(neighbour(all, at(100), "next")).toBeUndefined();
  });

  it("give their places to those that say most where there is room for few, in the order of time", () => {
    const many = Array.from({ length: 20 }, (_, place) => aMoment("sensor_off", 10 + place, place));
    const all = [aMoment("opened", 0), ...many, aMoment("arrest", 50), aMoment("end", 100)];
    const few = foremost(all, 5);
    expect(told(few)).toEqual([["opened", 0], ["sensor_off", 10], ["sensor_off", 11], ["arrest", 50], ["end", 100]]);
  });

  it("keep the first shock, however much was marked before it", () => {
    const marked = (marker: string, seconds: number) => ({ ...aMoment("bookmark", seconds, seconds), details: { marker } });
    const before = ["oxygen", "ecg_12", "help", "iv_access"].map((marker, place) => marked(marker, 10 + place));
    const all = [aMoment("opened", 0), ...before, aMoment("arrest", 20), marked("defibrillation", 30), marked("defibrillation", 40), aMoment("end", 100)];
    expect(told(foremost(all, 5))).toEqual([["opened", 0], ["bookmark", 10], ["arrest", 20], ["bookmark", 30], ["end", 100]]);
  });
});

describe("the axis of time", () => {
  it("has whole steps of the case's clock, which stands in a pause", () => {
    const time = { startedAt: at(10), zero: at(10), pauses: [{ from: at(100), until: at(145) }] };
    for (const each of timesBetween(at(0), at(600), time, 600)) expect(clockAt(time, each) % 30).toBe(0);
    expect((momentAt(time, 120) - NOON) / 1000).toBe(175);
    expect((momentAt(time, 60) - NOON) / 1000).toBe(70);
  });
});
