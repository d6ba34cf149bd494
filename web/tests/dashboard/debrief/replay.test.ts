import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { limitsAt, limitsCourse, limitStretches, type LimitsCourse } from "../../../src/dashboard/debrief/limitsCourse";
import { AlarmFold, type ToldAlarm } from "../../../src/dashboard/debrief/replay/alarmFold";
import { Replay, SPEEDS } from "../../../src/dashboard/debrief/replay/replay";
import { ReplayedBed } from "../../../src/dashboard/debrief/replay/replayedBed";
import { RecordCourse, KEPT_EVERY, type SignChange } from "../../../src/dashboard/room/record/course";
import { createBedside, type Bedside } from "../../../src/monitor/bedside";
import { QUARTER, quarterOf } from "../../../src/monitor/judging";
import { ADULT_LIMITS } from "../../../src/patient/signs";
import { createWaves, seedOf } from "../../../src/waves";
import type { Limits } from "../../../src/wire/types";
import { NOON } from "../fakeDevice";

const ID = "3f0e9b6c-6f0e-4b8e-9a51-0d1c2b3a4f5e";
const at = (seconds: number) => NOON + seconds * 1000;
const OPENED = at(0);
const END = at(400);

/** Ramps, an arrest with compressions and its end, a cuff, a sensor off and on again, a pause. */
const CHANGES: SignChange[] = [
  { at: at(0), patch: { vitals: { heart_rate: 82, spo2: 97 } } },
  { at: at(8.13), action: "nibp_start", details: {} },
  { at: at(20.4), patch: { vitals: { heart_rate: 150, spo2: 84, systolic: 78, diastolic: 45 }, ramp_seconds: 45 } },
  { at: at(60), action: "nibp_start", details: {} },
  { at: at(95.07), patch: { flags: { spo2_off: true } } },
  { at: at(110), patch: { flags: { spo2_off: null } } },
  { at: at(140.9), patch: { rhythm: "ventricular_fibrillation", vitals: { respiratory_rate: 0, etco2: 0 } } },
  { at: at(155), patch: { flags: { cpr: true } } },
  { at: at(200), patch: { flags: { cpr: null } } },
  { at: at(208), control: "paused" },
  { at: at(220), control: "resumed" },
  { at: at(230.66), patch: { rhythm: "sinus", vitals: { heart_rate: 96, respiratory_rate: 14, etco2: 42, spo2: 93 } } },
  { at: at(300), action: "nibp_cycle", details: { minutes: 1 } },
];

/** As long as nobody has changed them. */
const STEADY = limitsCourse(undefined, ADULT_LIMITS);
const courseOfAll = () => new RecordCourse(CHANGES, OPENED);
const folded = (setting: { silencedAt?: number[] } = {}) =>
  new AlarmFold(courseOfAll(), { sessionId: ID, limits: STEADY, silencedAt: [], ...setting });

/** A monitor that was there: told of every change at once, and ticking at every quarter of a second. */
class LiveMonitor {
  readonly bedside: Bedside;
  readonly told = new Map<string, number>();
  readonly #course: RecordCourse;
  readonly #limits: LimitsCourse;
  readonly #waves = createWaves(ID);
  #place = 0;
  #set = 1;
  #due = OPENED;

  constructor(course = courseOfAll(), limits = STEADY) {
    this.#course = course;
    this.#limits = limits;
    this.bedside = createBedside(this.#waves, { seed: seedOf(ID), latches: true });
    this.#see(0);
  }

  until(moment: number): Bedside {
    for (;;) {
      const next = this.#course.changes[this.#place]?.at ?? Number.POSITIVE_INFINITY;
      const set = this.#limits[this.#set]?.at ?? Number.POSITIVE_INFINITY;
      if (Math.min(next, set, this.#due) > moment) return this.bedside;
      if (next <= Math.min(set, this.#due)) {
        this.#see(++this.#place);
        this.#tick(quarterOf(next));
      } else if (set <= this.#due) {
        this.#set++;
        this.#tick(quarterOf(set));
      } else {
        this.#tick(this.#due);
        this.#due += QUARTER;
      }
    }
  }

  #see(place: number): void {
    const state = this.#course.after(place);
    this.#waves.update(state.last, state.at);
    this.bedside.update(state.last, state.at);
  }

  #tick(moment: number): void {
    this.bedside.tick((this.#limits[this.#set - 1] as LimitsCourse[number]).limits, moment);
    for (const { id, raised_at } of this.bedside.alarms.peek()) this.told.set(`${id} ${raised_at}`, raised_at);
  }
}

function screenOf({ readings, alarms, sounding, cuffPhase, cuffPressure, lastCuff, isSaturationOld, isArtefact }: Bedside) {
  const numbers = Object.fromEntries(Object.entries(readings).map(([name, shown]) => [name, shown.peek()]));
  return {
    numbers,
    alarms: alarms.peek().map(({ id, raised_at, ended_at }) => ({ id, raised_at, ended_at })),
    sounding: sounding.peek()?.id ?? null,
    cuff: [cuffPhase.peek(), cuffPressure.peek(), lastCuff.peek()],
    isSaturationOld: isSaturationOld.peek(),
    isArtefact: isArtefact.peek(),
  };
}

/** Repeats itself from run to run, so that what fails once fails again. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("the alarms of a record", () => {
  const whole = folded();
  whole.advance(END);
  const words = (told: readonly ToldAlarm[]) => told.map(({ id }) => id);

  it("are those that a monitor told live, each at its moment", () => {
    const live = new LiveMonitor();
    live.until(END);
    const keys = whole.told.map(({ id, raised_at }) => `${id} ${raised_at}`);
    expect(keys.toSorted()).toEqual([...live.told.keys()].toSorted());
    expect(words(whole.told)).toContain("ventricular_fibrillation");
    expect(words(whole.told)).toContain("systolic_low");
    expect(words(whole.told)).toContain("spo2_off");
  });

  it("end when their cause goes, and what lasts has no end", () => {
    const arrest = whole.told.find(({ id }) => id === "ventricular_fibrillation");
    expect(arrest?.raised_at).toBe(at(145));
    expect(arrest?.ended_at).toBeGreaterThan(at(230));
    const off = whole.told.find(({ id }) => id === "spo2_off");
    expect([off?.raised_at, off?.ended_at]).toEqual([at(97), at(110)]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("are the same however the fold was cut (%i)", (seed) => {
    const next = chance(seed);
    const cut = folded();
    for (let until = OPENED; until < END; until += 1 + next() * (seed % 2 === 0 ? 900 : 40_000)) cut.advance(until);
    cut.advance(END);
    expect(cut.told).toEqual(whole.told);
    for (let moment = OPENED; moment < END; moment += 1_730) expect(cut.bookAt(moment)).toEqual(whole.bookAt(moment));
  });

  it("do not depend on the pages in which the record came", () => {
    // The course is folded from one end to the other, or asked from behind first: every page was there before.
    const course = courseOfAll();
    for (const moment of [380, 20, 150, 99, 0]) course.at(at(moment));
    const other = new AlarmFold(course, { sessionId: ID, limits: STEADY, silencedAt: [] });
    other.advance(END);
    expect(other.told).toEqual(whole.told);
  });

  it("stay silent for as long as somebody has silenced them", () => {
    const silenced = folded({ silencedAt: [at(150)] });
    silenced.advance(END);
    expect(silenced.told).toEqual(whole.told);
    expect(silenced.bookAt(at(151))?.silenced.has("ventricular_fibrillation")).toBe(true);
    expect(silenced.bookAt(at(149))?.silenced.size).toBe(0);
  });
});

describe("a replay of the first seconds", () => {
  it("has never shown what stood there before the session opened with its own values", () => {
    const opening = new RecordCourse([{ at: OPENED, patch: { vitals: { etco2: 30 } } }], OPENED);
    const bed = new ReplayedBed(ID, opening, STEADY, null, () => at(3));
    expect(bed.bedside.readings.etco2.value).toBe(30);
  });

  it.each([1, 2, 3, 4])("shows to the unit what a trainee saw who joined later, and heard of a case's first step late (%i)", (seed) => {
    const next = chance(seed);
    const id = `session ${seed}`;
    const opened = at(next());
    const stepAt = Math.round(opened + 3_000 + next() * 7_000);
    const cuffAt = Math.round(stepAt + next() * 900);
    const course = new RecordCourse(
      [
        { at: opened, patch: { vitals: { heart_rate: 94, systolic: 146, diastolic: 88, spo2: 95, respiratory_rate: 20, etco2: 36 } } },
        { at: stepAt, patch: { vitals: { heart_rate: 104, spo2: 94, respiratory_rate: 22, etco2: 35 }, rhythm: "stemi", ramp_seconds: 60 } },
        { at: cuffAt, action: "nibp_start", details: {} },
      ],
      opened,
    );
    const waves = createWaves(id);
    const live = createBedside(waves, { seed: seedOf(id), latches: true });
    const see = (place: number, from: number) => {
      const { last } = course.after(place);
      waves.update(last, from);
      live.update(last, from);
    };
    see(1, opened + 1_500);
    let now = opened;
    const bed = new ReplayedBed(id, course, STEADY, null, () => now);
    const late = next() * 600;
    let heard = 1;
    for (let tick = quarterOf(opened) + 2_000; tick < stepAt + 4_000; tick += QUARTER) {
      for (; heard < 3 && (course.changes[heard] as SignChange).at + late <= tick; heard++) see(heard + 1, (course.changes[heard] as SignChange).at);
      live.tick(ADULT_LIMITS, tick);
      // What came meanwhile is shown as soon as it is heard of; a quarter later both have it.
      const isHearing = tick >= stepAt - QUARTER && tick < cuffAt + late + QUARTER;
      if (isHearing) continue;
      now = tick;
      bed.show(now);
      expect([tick - opened, screenOf(bed.bedside).numbers]).toEqual([tick - opened, screenOf(live).numbers]);
    }
  });
});

describe("a replayed monitor", () => {
  const alarms = folded();
  alarms.advance(END);
  const moments = [0, 8.2, 12.5, 38, 40, 65.1, 77, 96, 105, 118, 127, 141, 144, 146, 152, 160.3, 180, 203, 210, 219, 224, 231, 240, 251, 310, 399];
  const live = new LiveMonitor();
  const shownLive = new Map(moments.map((seconds) => [seconds, screenOf(live.until(at(seconds)))]));

  function replay(withAlarms: boolean) {
    let now = OPENED;
    const bed = new ReplayedBed(ID, courseOfAll(), STEADY, withAlarms ? alarms : null, () => now);
    return (seconds: number) => {
      now = at(seconds);
      bed.show(now);
      return screenOf(bed.bedside);
    };
  }

  it("shows at every moment what a monitor showed live, in order", () => {
    const show = replay(true);
    for (const seconds of moments) expect([seconds, show(seconds)]).toEqual([seconds, shownLive.get(seconds)]);
  });

  it("shows the same backwards", () => {
    const show = replay(true);
    for (const seconds of moments.toReversed()) expect([seconds, show(seconds)]).toEqual([seconds, shownLive.get(seconds)]);
  });

  it.each([0.5, 1, 4, 16])("shows the same at %f times the speed", (speed) => {
    const show = replay(true);
    let seconds = 0;
    for (const stop of moments) {
      while (seconds + 0.25 * speed < stop) show((seconds += 0.25 * speed));
      expect([stop, show(stop)]).toEqual([stop, shownLive.get(stop)]);
      seconds = stop;
    }
  });

  it("shows the same numbers before the alarms are read", () => {
    const show = replay(false);
    for (const seconds of moments.toReversed()) expect([seconds, show(seconds).numbers]).toEqual([seconds, shownLive.get(seconds)?.numbers]);
  });
});

describe("limits that somebody changed while it ran", () => {
  const low: Limits = { ...ADULT_LIMITS, spo2: { low: 85, high: null } };
  const iso = (seconds: number) => new Date(at(seconds)).toISOString();
  /** Between two quarters, as people press a key. */
  const SET = 60.13;
  const changed = (before: Limits, after: Limits) => limitsCourse([{ at: iso(0), limits: before }, { at: iso(SET), limits: after }], after);
  const steady = new RecordCourse([{ at: OPENED, patch: { vitals: { spo2: 88 } } }], OPENED);
  const alarmsOf = (limits: LimitsCourse) => {
    const fold = new AlarmFold(steady, { sessionId: ID, limits, silencedAt: [] });
    fold.advance(at(180));
    return fold;
  };
  const ofSaturation = (limits: LimitsCourse) => alarmsOf(limits).told.filter(({ id }) => id === "spo2_low");
  const lowered = changed(ADULT_LIMITS, low);
  const raised = changed(low, ADULT_LIMITS);

  it("end an alarm that was heard, and none is told after it", () => {
    const [heard, ...others] = ofSaturation(lowered);
    expect(others).toEqual([]);
    expect(heard?.raised_at).toBeLessThan(at(SET));
    expect(heard?.ended_at).toBe(quarterOf(at(SET)));
  });

  it("begin one that nobody heard before", () => {
    const [heard, ...others] = ofSaturation(raised);
    expect(others).toEqual([]);
    expect(heard?.raised_at).toBeGreaterThan(at(SET));
    expect(heard?.ended_at).toBeNull();
    expect(ofSaturation(limitsCourse(undefined, low))).toEqual([]);
  });

  it.each([
    ["lowered", lowered],
    ["raised", raised],
  ])("are those of the second that is shown, forwards, backwards and before the alarms are read (%s)", (_, limits) => {
    const live = new LiveMonitor(steady, limits);
    const moments = [3, 30, 59.9, 60.05, 60.13, 60.3, 61, 75, 75.6, 90, 179];
    const shownLive = moments.map((seconds) => screenOf(live.until(at(seconds))));
    for (const alarms of [alarmsOf(limits), null]) {
      for (const order of [moments.keys(), [...moments.keys()].toReversed()]) {
        let now = OPENED;
        const bed = new ReplayedBed(ID, steady, limits, alarms, () => now);
        for (const place of order) {
          now = at(moments[place] as number);
          bed.show(now);
          const shown = screenOf(bed.bedside);
          const expected = shownLive[place];
          expect([moments[place], alarms === null ? shown.sounding : shown]).toEqual([moments[place], alarms === null ? expected?.sounding : expected]);
        }
      }
    }
  });

  it("are the first ones before anything is told, and the last ones for ever", () => {
    expect(limitsAt(lowered, at(-5)).spo2.low).toBe(90);
    expect(limitsAt(lowered, at(SET) - 1).spo2.low).toBe(90);
    expect(limitsAt(lowered, at(SET)).spo2.low).toBe(85);
    expect(limitsAt(lowered, at(9000)).spo2.low).toBe(85);
  });

  it("are drawn as they were, in the part that is in view; what did not change is one band", () => {
    const view = { from: at(30), until: at(90) };
    expect(limitStretches(lowered, "spo2", view)).toEqual([
      { low: 90, high: null, from: at(30), until: at(SET) },
      { low: 85, high: null, from: at(SET), until: at(90) },
    ]);
    expect(limitStretches(lowered, "heart_rate", view)).toEqual([{ low: 50, high: 120, ...view }]);
    expect(limitStretches(lowered, "spo2", { from: at(61), until: at(90) })).toEqual([{ low: 85, high: null, from: at(61), until: at(90) }]);
    expect(limitStretches(STEADY, "spo2", view)).toEqual([{ low: 90, high: null, ...view }]);
  });
});

describe("the time of a replay", () => {
  let clock = 0;
  let replay: Replay;
  /** The device's clock goes on, and whatever is due by it comes. */
  const pass = (milliseconds: number) => {
    for (let left = milliseconds; left > 0; left -= 100) {
      clock += Math.min(100, left);
      vi.advanceTimersByTime(Math.min(100, left));
    }
  };

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    clock = 5_000;
    replay = new Replay(() => ({ from: OPENED, until: END }), () => clock);
  });
  afterEach(() => {
    replay.pause();
    vi.useRealTimers();
  });

  it("stands until it is played, and when it is paused", () => {
    pass(3_000);
    expect([replay.now(), replay.at.value]).toEqual([OPENED, OPENED]);
    replay.play();
    pass(2_000);
    replay.pause();
    pass(3_000);
    expect([replay.now(), replay.at.value]).toEqual([at(2), at(2)]);
  });

  it("goes half as fast to 16 times as fast, and changes that on its way", () => {
    expect([SPEEDS[0], SPEEDS.at(-1)]).toEqual([0.5, 16]);
    replay.play();
    let expected = OPENED;
    for (const speed of SPEEDS) {
      replay.setSpeed(speed);
      pass(2_000);
      expected += 2_000 * speed;
      expect([speed, replay.now(), replay.at.value]).toEqual([speed, expected, expected]);
    }
  });

  it("stops at the end, never beyond it, and then plays from the beginning", () => {
    replay.setSpeed(16);
    replay.seek(END - 1_000);
    replay.play();
    clock += 90;
    expect(replay.now()).toBe(END);
    expect(replay.isPlaying.value).toBe(true);
    pass(100);
    expect([replay.isPlaying.value, replay.at.value, vi.getTimerCount()]).toEqual([false, END, 0]);
    pass(5_000);
    expect(replay.now()).toBe(END);
    replay.play();
    expect(replay.at.value).toBe(OPENED);
    pass(100);
    expect(replay.at.value).toBe(OPENED + 1_600);
  });

  it("goes backwards at once while it plays, and goes on from there", () => {
    replay.seek(at(300));
    replay.play();
    pass(1_000);
    replay.seek(at(120));
    expect([replay.at.value, replay.now(), replay.isPlaying.value]).toEqual([at(120), at(120), true]);
    pass(1_000);
    expect(replay.now()).toBe(at(121));
    replay.seek(OPENED - 1);
    expect(replay.now()).toBe(OPENED);
    replay.seek(END + 1);
    expect(replay.now()).toBe(END);
  });
});

describe("a long record", () => {
  const next = chance(7);
  const many: SignChange[] = Array.from({ length: 20_000 }, (_, place) => ({
    at: OPENED + place * 720,
    patch: { vitals: { heart_rate: 60 + Math.floor(next() * 80) }, ...(next() < 0.3 && { ramp_seconds: 20 }) },
  }));
  const course = new RecordCourse(many, OPENED);
  const lastAt = many.at(-1)?.at ?? OPENED;

  it("keeps a state for every so many changes, and no more", () => {
    course.at(lastAt);
    expect(course.folds).toBe(many.length);
    expect(course.kept).toBeLessThanOrEqual(many.length / KEPT_EVERY + 2);
  });

  it("costs any jump less than what lies between two that are kept, and the next moment one fold", () => {
    for (let jump = 0; jump < 200; jump++) {
      const before = course.folds;
      course.at(OPENED + next() * (lastAt - OPENED));
      expect(course.folds - before).toBeLessThan(KEPT_EVERY);
    }
    course.after(5_000);
    const before = course.folds;
    course.after(5_001);
    expect(course.folds - before).toBe(1);
  });

  it("says the same of a moment, whatever was asked before", () => {
    const fresh = new RecordCourse(many, OPENED);
    for (const share of [0.9, 0.1, 0.5, 0.49, 0.51]) {
      const moment = OPENED + share * (lastAt - OPENED);
      expect(course.at(moment)).toEqual(fresh.at(moment));
    }
  });
});
