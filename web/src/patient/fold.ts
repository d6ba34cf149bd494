import type { LastValues, Ramp, SignName, VitalsPatch } from "../wire/types";
import { withCarried, type Carried } from "./carried";
import { cuffResumed, felt } from "./nibp";
import { isPaused, rawValueAt } from "./ramps";
import { SIGN_NAMES } from "./signs";

type Ramps = Partial<Record<SignName, Ramp>>;

/**
 * The state after a push at `now` (milliseconds of the server's clock), as the server will fold it.
 * The trainer's own screen shows it at once; the server's answer then replaces it.
 */
export function fold(last: LastValues, patch: VitalsPatch & { carried?: Carried }, now: number): LastValues {
  const signs = patch.vitals ?? {};
  const flags = { ...last.flags };
  for (const [key, value] of Object.entries(patch.flags ?? {})) {
    if (value === null) delete flags[key];
    else flags[key] = value;
  }
  const running = runningRamps(last, now);
  const ramps: Ramps = {};
  for (const name of SIGN_NAMES) {
    const target = signs[name];
    const ramp = running[name];
    if (target === undefined) {
      if (ramp !== undefined) ramps[name] = ramp;
    } else if ((patch.ramp_seconds ?? 0) > 0) {
      const from = rawValueAt(last, name, now);
      if (from !== target)
        ramps[name] = { from, started_at: new Date(now).toISOString(), seconds: patch.ramp_seconds ?? 0 };
    }
  }
  const folded = { ...last, ...signs, rhythm: patch.rhythm ?? last.rhythm, flags, ramps };
  return patch.carried === undefined ? felt(folded, now) : withCarried(folded, patch.carried, now);
}

/** Everything stands still: a ramp begins at what it has reached, and takes what is left once it goes on. */
export function pause(last: LastValues, now: number): LastValues {
  if (isPaused(last)) return last;
  const paused_at = new Date(now).toISOString();
  const ramps: Ramps = {};
  for (const [name, ramp] of entriesOf(runningRamps(last, now))) {
    const elapsed = Math.max(0, now - Date.parse(ramp.started_at));
    const seconds = (ramp.seconds * 1000 - elapsed) / 1000;
    ramps[name] = { from: rawValueAt(last, name, now), started_at: paused_at, seconds };
  }
  return { ...last, ramps, paused_at };
}

/** Every ramp goes on from where it stands, and so does the cuff. */
export function resume(last: LastValues, now: number): LastValues {
  if (!isPaused(last)) return last;
  const { paused_at, ...running } = last;
  const ramps: Ramps = {};
  for (const [name, ramp] of entriesOf(last.ramps)) ramps[name] = { ...ramp, started_at: new Date(now).toISOString() };
  return cuffResumed({ ...running, ramps }, Date.parse(paused_at ?? ""), now);
}

/** Those that have not come to their end. Of a session that is paused all of them, for they stand still. */
function runningRamps(last: LastValues, now: number): Ramps {
  if (isPaused(last)) return last.ramps;
  const running: Ramps = {};
  for (const [name, ramp] of entriesOf(last.ramps))
    if (now - Date.parse(ramp.started_at) < ramp.seconds * 1000) running[name] = ramp;
  return running;
}

function entriesOf(ramps: Ramps): [SignName, Ramp][] {
  return Object.entries(ramps) as [SignName, Ramp][];
}
