import { describe, expect, it } from "vitest";
import { RecordCourse, type SignChange } from "../../src/dashboard/room/record/course";
import { knownOf } from "../../src/dashboard/debrief/chart/news2Steps";
import { earlyWarningsOf, highestOf } from "../../src/patient/earlyWarning";
import { bandOf, news2Parts, shockIndex, totalOf } from "../../src/patient/news2";
import type { CuffAction } from "../../src/patient/nibp";
import { meanPressure } from "../../src/patient/signs";
import type { News2 } from "../../src/wire/debrief";
import type { VitalsPatch } from "../../src/wire/types";
import table from "../../../tests/vectors/news2.json";
import known from "../../../tests/vectors/known_warning.json";
import records from "../../../tests/vectors/early_warning.json";

describe("NEWS2 by the vectors that the server is held to as well", () => {
  it("has the boundaries of each row", () => {
    expect(table.boundaries.map(({ seen }) => totalOf(news2Parts(seen)))).toEqual(table.boundaries.map(({ total }) => total));
  });

  it.each(table.whole)("has the whole patient $#", ({ seen, parts, total, band }) => {
    const own = news2Parts(seen);
    expect([own, totalOf(own), bandOf(own)]).toEqual([parts, total, band]);
  });

  it("has the mean pressure and the shock index", () => {
    expect(table.mean.map(meanPressure)).toEqual(table.mean.map(({ mean }) => mean));
    expect(table.shock_index.map((one) => shockIndex(one.heart_rate, one.systolic))).toEqual(table.shock_index.map((one) => one.shock_index));
  });
});

interface Vector {
  name: string;
  until: number;
  changes: { at: number; push?: VitalsPatch; action?: CuffAction; pause?: true }[];
  scores: { at: number; [name: string]: unknown }[];
  crossings?: { at: number; limit: number; total: number }[];
}

const OPENED = Date.parse("2026-11-21T09:30:00.000Z");
const moment = (seconds: number) => OPENED + Math.round(seconds * 1000);

function courseOf({ changes }: Vector): RecordCourse {
  const course = changes.map(({ at, push, action, pause }): SignChange => {
    if (push !== undefined) return { at: moment(at), patch: push };
    if (action !== undefined) return { at: moment(at), action, details: {} };
    return { at: moment(at), control: pause === true ? "paused" : "resumed" };
  });
  return new RecordCourse(course, OPENED);
}

function found(vector: Vector) {
  const until = moment(vector.until);
  return earlyWarningsOf(courseOf(vector).states(OPENED, until + 1), until);
}

function told(scores: readonly News2[]) {
  return scores.map(({ at, total, band, missing, mean, shock_index }) => ({ at: seconds(at), total, band, missing, mean, shock_index }));
}

const seconds = (at: string | number) => (new Date(at).getTime() - OPENED) / 1000;

describe("NEWS2 along a record", () => {
  it.each(records.vectors as Vector[])("is the server's: $name", (vector) => {
    const { scores, crossings } = found(vector);
    expect(told(scores)).toEqual(vector.scores);
    expect(crossings.map(({ at, limit, total }) => ({ at: seconds(at), limit, total }))).toEqual(vector.crossings);
  });

  it.each(known.vectors as Vector[])("is the server's as the team could know it: $name", (vector) => {
    const until = moment(vector.until);
    expect(told(knownOf(courseOf(vector), until))).toEqual(vector.scores);
  });

  it("has a highest, as it was first reached, and none of whoever never had a pulse", () => {
    const [, , ramp] = records.vectors as Vector[];
    expect(highestOf(found(ramp as Vector).scores)).toMatchObject({ at: "2026-11-21T09:31:42.500Z", total: 8 });
    const pulseless = { changes: [{ at: 0, push: { rhythm: "asystole" } }], until: 60, name: "", scores: [] } satisfies Vector;
    expect(highestOf(found(pulseless).scores)).toBeNull();
  });
});
