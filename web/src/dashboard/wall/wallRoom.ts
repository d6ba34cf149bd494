import { computed, type ReadonlySignal } from "@preact/signals";
import type { Device } from "../../device/view/device";
import { trainerTexts as t } from "../../i18n/trainers";
import { isPaused } from "../../patient/ramps";
import type { SessionEvent } from "../../wire/types";
import { caseTimeOf, type CaseTime } from "../room/case/caseTime";
import { lastPlayed, nextOnItsWay } from "../room/case/steps";
import { linesOf, playedSteps } from "../room/record/record";
import { Room } from "../room/room";
import type { Steerable } from "./commands";

/** One room as the wall sees it. Nothing of it is computed while nobody reads it. */
export class WallRoom {
  readonly room: Room;
  readonly title: ReadonlySignal<string>;
  readonly time: ReadonlySignal<CaseTime>;
  /** The key of the step that was played last; null: none. */
  readonly step: ReadonlySignal<string | null>;
  /** What somebody or the case did last; null: nothing yet. */
  readonly lastAction: ReadonlySignal<SessionEvent | null>;
  readonly steerable: ReadonlySignal<Steerable>;

  constructor(
    device: Device,
    readonly id: string,
  ) {
    const room = (this.room = new Room(device, id));
    this.title = computed(() => room.session.value?.title || t.value.dashboard.room.untitled);
    const lines = linesOf(room);
    const played = computed(() => playedSteps(lines.value));
    this.time = computed(() => caseTimeOf(lines.value, Date.parse(room.session.value?.created_at ?? "")));
    this.step = computed(() => played.value.at(-1)?.step ?? null);
    const events = device.events(id);
    this.lastAction = computed(() => events.value.findLast((event) => event.kind !== "lifecycle") ?? null);
    this.steerable = computed(() => ({
      id,
      relation: room.relation.value,
      isOver: room.isOver.value,
      isElsewhere: room.isElsewhere.value,
      values: room.shown.value,
      steps: room.steps.value,
      next: nextOnItsWay(room.steps.value, lastPlayed(room.steps.value, played.value), {
        progress: room.progress.value,
        ways: room.ways.value,
      }),
      isStarted: this.time.value.startedAt !== null,
      isPaused: isPaused(room.shown.value),
    }));
  }
}

/** Made when they are first looked at, and kept while the wall is open. */
export class WallRooms {
  readonly #device: Device;
  readonly #known = new Map<string, WallRoom>();

  constructor(device: Device) {
    this.#device = device;
  }

  of(id: string): WallRoom {
    let room = this.#known.get(id);
    if (room === undefined) this.#known.set(id, (room = new WallRoom(this.#device, id)));
    return room;
  }
}
