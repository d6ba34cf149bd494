import { signal, type ReadonlySignal } from "@preact/signals";

const STORED = "shiller.shortcuts";
const on = signal(read());

/** Of this device: a single key such as `?` must be to be turned off (WCAG 2.1.4). */
export const hasShortcuts: ReadonlySignal<boolean> = on;

export function turnShortcuts(isOn: boolean): void {
  on.value = isOn;
  try {
    localStorage.setItem(STORED, isOn ? "on" : "off");
  } catch {
    // A forbidden storage costs the choice at the next visit, nothing else.
  }
}

function read(): boolean {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    return true;
  }
}
