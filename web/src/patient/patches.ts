import type { LastValues, SessionEvent, Signs, TemplateStep, VitalsPatch } from "../wire/types";
import { carriedBy, type Carried } from "./carried";
import { runningRamps, valueAt } from "./ramps";
import { SIGN_NAMES } from "./signs";

/** What one click on a step pushes. */
export function patchOfStep(step: TemplateStep): VitalsPatch {
  const patch: VitalsPatch = {};
  const hasSigns = Object.keys(step.vitals).length > 0;
  if (hasSigns) patch.vitals = { ...step.vitals };
  if (step.rhythm !== null && step.rhythm !== undefined) patch.rhythm = step.rhythm;
  if (Object.keys(step.flags ?? {}).length > 0) patch.flags = { ...step.flags };
  if (hasSigns && step.ramp_seconds > 0) patch.ramp_seconds = step.ramp_seconds;
  return patch;
}

/** What a push changes: a step that is only named does what is written in it. */
export function patchOfPush(push: VitalsPatch, steps: readonly TemplateStep[]): VitalsPatch {
  if (push.step === undefined || push.step === null || !isEmptyPatch(push)) return push;
  const step = steps.find((one) => one.key === push.step);
  return step === undefined ? push : patchOfStep(step);
}

/** The patch that a stored event was; and what it brought along, where a session goes on from another one. */
export function patchOfEvent(event: SessionEvent): VitalsPatch & { carried?: Carried } {
  const patch: VitalsPatch & { carried?: Carried } = {};
  const carried = carriedBy(event);
  if (carried !== null) patch.carried = carried;
  const signs: Partial<Signs> = {};
  for (const name of SIGN_NAMES) {
    const value = event[name];
    if (value !== null && value !== undefined) signs[name] = value;
  }
  if (Object.keys(signs).length > 0) patch.vitals = signs;
  if (event.rhythm !== null && event.rhythm !== undefined) patch.rhythm = event.rhythm;
  if (event.flags !== null && event.flags !== undefined) patch.flags = event.flags;
  if (event.ramp_seconds) patch.ramp_seconds = event.ramp_seconds;
  return patch;
}

/** It changes nothing. */
export function isEmptyPatch(patch: VitalsPatch): boolean {
  return (
    Object.keys(patch.vitals ?? {}).length === 0 &&
    patch.rhythm === undefined &&
    Object.keys(patch.flags ?? {}).length === 0
  );
}

/** Stops every ramp where it is at `now` (milliseconds of the server's clock); null if none runs. */
export function patchHolding(last: LastValues, now: number): VitalsPatch | null {
  const signs: Partial<Signs> = {};
  for (const name of runningRamps(last, now)) signs[name] = valueAt(last, name, now);
  // Two ramps may cross on their way; the server takes no diastolic above the systolic.
  if (signs.diastolic !== undefined) signs.diastolic = Math.min(signs.diastolic, signs.systolic ?? last.systolic);
  return Object.keys(signs).length === 0 ? null : { vitals: signs };
}
