import type { Readings, Shown } from "../../../monitor/readings";
import type { SignName } from "../../../wire/types";
import { number } from "../../words";

/** As a monitor writes it: a number, or what stands there without one. */
export function signShown(name: SignName, shown: Readings): string {
  return typeof shown[name] === "number" ? number(name, shown[name]) : without(shown[name]);
}

export function pressureShown({ systolic, diastolic }: Readings): string {
  return typeof systolic === "number" ? `${systolic}/${diastolic}` : without(systolic);
}

function without(shown: Shown): string {
  return shown === "unreadable" ? "-?-" : "–";
}
