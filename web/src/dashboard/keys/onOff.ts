import { signal, type ReadonlySignal } from "@preact/signals";
import { keptOnDevice } from "../../app/siteData";

const STORED = "shiller.shortcuts";
const on = signal(keptOnDevice.read(STORED) !== "off");

/** Of this device: a single key such as `?` must be to be turned off (WCAG 2.1.4). */
export const hasShortcuts: ReadonlySignal<boolean> = on;

export function turnShortcuts(isOn: boolean): void {
  on.value = isOn;
  keptOnDevice.write(STORED, isOn ? "on" : "off");
}
