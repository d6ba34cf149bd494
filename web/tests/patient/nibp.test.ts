import { describe, expect, it } from "vitest";
import { cuffOf, withCuff } from "../../src/patient/cuff";
import { fold, pause, resume } from "../../src/patient/fold";
import { act } from "../../src/patient/nibp";
import { START_VALUES } from "../../src/patient/signs";
import type { LastValues, VitalsPatch } from "../../src/wire/types";
import file from "../../../tests/vectors/nibp.json";
import drawn from "../../../tests/vectors/nibp_drawn.json";

interface Move {
  at: string;
  push?: VitalsPatch;
  action?: string;
  details?: Record<string, unknown>;
  pause?: true;
}

interface Vector {
  moves: Move[];
  nibp: LastValues["nibp"];
  cuff: LastValues["cuff"] | null;
}

function move(last: LastValues, { at, push, action, details = {}, ...which }: Move): LastValues {
  const now = Date.parse(at);
  if (push !== undefined) return fold(last, push, now);
  if (action !== undefined) return act(last, action, details, now);
  return which.pause ? pause(last, now) : resume(last, now);
}

function check({ moves, nibp, cuff }: Vector): void {
  const last = moves.reduce(move, START_VALUES);
  expect([last.nibp, last.cuff ?? null]).toEqual([nibp, cuff]);
  expect(withCuff(last, cuffOf(last))).toEqual(last);
}

describe("the vectors that the server is held to as well", () => {
  it.each(file.vectors as (Vector & { name: string })[])("$name", check);

  it("come to the same where they were drawn by chance", () => {
    expect(drawn.vectors.length).toBeGreaterThan(50);
    (drawn.vectors as Vector[]).forEach(check);
  });
});

it("takes values of before there were cuffs for a patient who was never measured", () => {
  const { nibp: _, ...before } = START_VALUES;
  const last = fold(before as LastValues, { vitals: { systolic: 90 } }, 0);
  expect(cuffOf(last)).toBeNull();
  expect(act(last, "nibp_start", {}, 1000).nibp).toMatchObject({ systolic: 90, failed: false });
});
