import { present } from "../patient/history";
import { countedOn, type Memory } from "../patient/memory";
import { ADULT_LIMITS, SIGN_NAMES } from "../patient/signs";
import type { SignName } from "../wire/types";
import { cuffAt } from "./nibp";
import { readingsAt, type Readings } from "./readings";

const NEVER_STEADY = Object.fromEntries(SIGN_NAMES.map((name) => [name, Number.POSITIVE_INFINITY])) as Record<SignName, number>;

/**
 * What the monitors showed at a moment of a record: the rule of the screens, without what chance adds to a number (none
 * wanders here) and without their curves. The server's is server/domain/readings.py; tests/vectors/shown.json holds
 * both to it. `now` is not before the newest state of the memory.
 */
export function shownAt(memory: Memory, now: number): Readings {
  const history = { ...memory.history, steadySince: NEVER_STEADY };
  return readingsAt(history, now, countedOn(memory.states), { seed: 0, limits: ADULT_LIMITS, cuff: cuffAt(present(history), now).last });
}
