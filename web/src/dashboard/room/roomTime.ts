import { computed, type ReadonlySignal } from "@preact/signals";
import { isPaused, runningRamps } from "../../patient/ramps";
import type { LastValues } from "../../wire/types";
import { ticking } from "../ticking";

/** The server's clock as a room shows it: once a second, and four times a second while a ramp runs. */
export class RoomTime {
  readonly second: ReadonlySignal<number>;
  readonly moment: ReadonlySignal<number>;
  readonly isRamping: ReadonlySignal<boolean>;

  constructor(now: () => number, shown: ReadonlySignal<LastValues>) {
    this.second = ticking(now, 1000);
    const quarter = ticking(now, 250);
    this.isRamping = computed(() => !isPaused(shown.value) && runningRamps(shown.value, this.second.value).length > 0);
    this.moment = computed(() => (this.isRamping.value ? quarter.value : this.second.value));
  }
}
