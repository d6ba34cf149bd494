import { computed, type ReadonlySignal } from "@preact/signals";
import { en } from "../../../i18n/en";
import { fr } from "../../../i18n/fr";
import { patchOfEvent } from "../../../patient/patches";
import type { EventKind, SessionEvent, SignName, VitalsPatch } from "../../../wire/types";
import { authorName, entryPatch, entryText } from "../../words";
import type { Done } from "../case/steps";
import type { Room } from "../room";

/** One line of what happened: from the server's record, or still on its way there. */
export interface RecordLine {
  id: string;
  at: number;
  kind: EventKind;
  who: string;
  patch: VitalsPatch | null;
  text: string | null;
  event: SessionEvent | null;
  isWaiting: boolean;
}

/** Oldest first: what the server has confirmed, then what this device still holds. Refused entries are not in it. */
export function linesOf(room: Room): ReadonlySignal<RecordLine[]> {
  const events = room.device.events(room.id);
  return computed(() => {
    const confirmed = events.value.map(lineOfEvent);
    const ids = new Set(confirmed.map((line) => line.id));
    const waiting = room.entries.value.flatMap((entry): RecordLine[] => {
      const isOnItsWay = entry.state === "waiting" || entry.state === "sending";
      const patch = entryPatch(entry);
      const text = entryText(entry);
      if (!isOnItsWay || ids.has(entry.id) || (patch === null && text === null)) return [];
      const kind = patch === null ? "note" : "vitals";
      const at = Date.parse(entry.made_at);
      return [{ id: entry.id, at, kind, who: authorName(entry.author, room.device.me.value), patch, text, event: null, isWaiting: true }];
    });
    return waiting.length === 0 ? confirmed : [...confirmed, ...waiting];
  });
}

export function doneOf(lines: readonly RecordLine[]): Done[] {
  return lines
    .filter((line) => line.kind === "vitals" || line.kind === "note")
    .map(({ id, at, patch, text, isWaiting }) => ({ id, at, patch, text, isConfirmed: !isWaiting }));
}

/** Where the case's clock began: the last "Scenario starts" note, in either language, else the session's start. */
export function clockStart(lines: readonly RecordLine[], openedAt: number): number {
  const marks = [en.dashboard.steps.clock_note, fr.dashboard.steps.clock_note];
  return lines.findLast((line) => line.kind === "note" && marks.includes(line.text ?? ""))?.at ?? openedAt;
}

/** How far a change of one thing has come. */
export type MarkWord = "staged" | "sending" | "refused" | "confirmed" | "unchanged";
export interface Mark {
  word: ReadonlySignal<MarkWord>;
  /** When the server confirmed the last change of it. */
  at: ReadonlySignal<number | null>;
}

/** What a patch names, as keys: `heart_rate`, `rhythm`, `flag:cpr`. */
function keysOf(patch: VitalsPatch): string[] {
  return [
    ...Object.keys(patch.vitals ?? {}),
    ...(patch.rhythm === undefined ? [] : ["rhythm"]),
    ...Object.keys(patch.flags ?? {}).map((key) => `flag:${key}`),
  ];
}

/** Marks of everything in one room, from three look-ups that are made once per change. */
export class Marks {
  readonly #staged: ReadonlySignal<ReadonlySet<string>>;
  readonly #sending: ReadonlySignal<ReadonlySet<string>>;
  readonly #refused: ReadonlySignal<ReadonlySet<string>>;
  readonly #confirmed: ReadonlySignal<ReadonlyMap<string, number>>;

  constructor(room: Room, lines: ReadonlySignal<RecordLine[]>) {
    this.#staged = computed(() => {
      const { signs, rhythm, flags } = room.changes.staged.value;
      return new Set(keysOf({ vitals: signs, ...(rhythm === null ? {} : { rhythm }), flags }));
    });
    const keysIn = (states: readonly string[]) =>
      room.entries.value
        .filter((entry) => states.includes(entry.state))
        .flatMap((entry) => keysOf(entryPatch(entry) ?? {}));
    this.#sending = computed(() => new Set(keysIn(["waiting", "sending"])));
    this.#refused = computed(() => new Set(keysIn(["rejected"])));
    this.#confirmed = computed(() => {
      const times = new Map<string, number>();
      for (const line of lines.value) {
        if (line.isWaiting || line.patch === null) continue;
        for (const key of keysOf(line.patch)) times.set(key, line.at);
      }
      return times;
    });
  }

  of(key: SignName | "rhythm" | `flag:${string}`): Mark {
    const at = computed(() => this.#confirmed.value.get(key) ?? null);
    const word = computed((): MarkWord => {
      if (this.#staged.value.has(key)) return "staged";
      if (this.#refused.value.has(key)) return "refused";
      if (this.#sending.value.has(key)) return "sending";
      return at.value === null ? "unchanged" : "confirmed";
    });
    return { word, at };
  }
}

/** An event never changes, so neither does its line: what shows it is not drawn again. */
const lineOf = new WeakMap<SessionEvent, RecordLine>();

function lineOfEvent(event: SessionEvent): RecordLine {
  let line = lineOf.get(event);
  if (line === undefined) {
    line = newLine(event);
    lineOf.set(event, line);
  }
  return line;
}

function newLine(event: SessionEvent): RecordLine {
  return {
    id: event.id,
    at: Date.parse(event.created_at),
    kind: event.kind,
    who: event.by.name,
    patch: event.kind === "vitals" ? patchOfEvent(event) : null,
    text: event.text,
    event,
    isWaiting: false,
  };
}

