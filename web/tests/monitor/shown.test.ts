import { describe, expect, it } from "vitest";
import { shownAt } from "../../src/monitor/shown";
import { cuffAt } from "../../src/monitor/nibp";
import { readingsAt } from "../../src/monitor/readings";
import { fold, pause, resume } from "../../src/patient/fold";
import { NO_HISTORY, present, withStretch } from "../../src/patient/history";
import { act } from "../../src/patient/nibp";
import { NO_MEMORY, withState, type Memory } from "../../src/patient/memory";
import { ADULT_LIMITS, SIGN_NAMES, START_VALUES } from "../../src/patient/signs";
import { createWaves } from "../../src/waves";
import type { LastValues, SignName, VitalsPatch } from "../../src/wire/types";
import file from "../../../tests/vectors/shown.json";

interface Move {
  at: number;
  push?: VitalsPatch;
  action?: string;
  pause?: true;
}

type Told = Record<SignName, number | string> & { at: number };

interface Vector {
  name: string;
  moves: Move[];
  shown: Told[];
}

const vectors = file.vectors as unknown as Vector[];
const BEGINS_AT = Date.parse(file.begins_at);
const at = (seconds: number) => BEGINS_AT + Math.round(seconds * 1000);

function moved(last: LastValues, { push, action, ...which }: Move, now: number): LastValues {
  if (push !== undefined) return fold(last, push, now);
  if (action !== undefined) return act(last, action, {}, now);
  return which.pause ? pause(last, now) : resume(last, now);
}

/** Every state, and from when on it held. */
function states(moves: Move[], until: number): { at: number; last: LastValues }[] {
  const all = moves[0] !== undefined && moves[0].at < 0 ? [] : [{ at: at(-60), last: START_VALUES }];
  let last = START_VALUES;
  for (const move of moves.filter((one) => one.at <= until)) {
    const now = at(move.at);
    last = moved(last, move, now);
    all.push({ at: now, last });
  }
  return all;
}

function remembered(moves: Move[], until: number): Memory {
  return states(moves, until).reduce((memory, state) => withState(memory, state.last, state.at), NO_MEMORY);
}

function told(moves: Move[], seconds: number): Told {
  const read = shownAt(remembered(moves, seconds), at(seconds));
  return { at: seconds, ...Object.fromEntries(SIGN_NAMES.map((name) => [name, read[name]])) } as Told;
}

describe("the vectors that the server is held to as well", () => {
  it.each(vectors)("$name", ({ moves, shown }) => {
    for (const one of shown) expect(told(moves, one.at)).toEqual(one);
  });
});

/** A screen with its curves, that was there from the beginning; its numbers stand still. */
function onScreen(moves: Move[], seconds: number): Record<SignName, number | string> {
  const waves = createWaves("7c9e6679-7425-40de-944b-e07fc1f90ae7");
  let history = NO_HISTORY;
  for (const state of states(moves, seconds)) {
    waves.update(state.last, state.at);
    history = withStretch(history, state.last, state.at);
  }
  const steadySince = Object.fromEntries(SIGN_NAMES.map((name) => [name, Number.POSITIVE_INFINITY])) as Record<SignName, number>;
  const cuff = cuffAt(present(history), at(seconds)).last;
  return readingsAt({ ...history, steadySince }, at(seconds), waves, { seed: 1, limits: ADULT_LIMITS, cuff });
}

/** Read off single breaths: s, and per cent that compressions and the shape of a breath move it. */
const A_BREATH = 10;
const OF_BREATHS: readonly SignName[] = ["respiratory_rate", "etco2"];

describe("what a screen with curves shows", () => {
  it.each(vectors)("is the same: $name", ({ moves, shown }) => {
    for (const one of shown) {
      const seen = onScreen(moves, one.at);
      for (const name of SIGN_NAMES.filter((each) => !OF_BREATHS.includes(each))) {
        const [is, was] = [seen[name], one[name]];
        if (typeof is === "number" && typeof was === "number") expect(Math.abs(is - was), `${name} at ${one.at}`).toBeLessThanOrEqual(1);
        else expect(is, `${name} at ${one.at}`).toBe(was);
      }
    }
  });

  it.each(vectors)("is the same within a breath or two: $name", ({ moves, shown }) => {
    for (const one of shown) {
      const seen = onScreen(moves, one.at);
      const near = [-A_BREATH, -A_BREATH / 2, 0, A_BREATH / 2, A_BREATH].map((by) => told(moves, one.at + by));
      for (const name of OF_BREATHS) {
        const numbers = near.map((each) => each[name]).filter((value) => typeof value === "number");
        if (numbers.length < near.length) continue;
        expect(seen[name], `${name} at ${one.at}`).toBeGreaterThanOrEqual(0.94 * Math.min(...numbers) - 1);
        expect(seen[name], `${name} at ${one.at}`).toBeLessThanOrEqual(1.06 * Math.max(...numbers) + 1);
      }
    }
  });
});
