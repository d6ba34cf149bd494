import { computed, type ReadonlySignal } from "@preact/signals";
import type { OutboxEntry } from "../../../device/outbox/entry";
import { patchOfEvent, patchOfPush } from "../../../patient/patches";
import { undoneIdOf } from "../../../wire/ids";
import type { Annotation, CaseControl, EventKind, SessionEvent, SignName, TemplateStep, VitalsPatch } from "../../../wire/types";
import { authorName, CONTROLLED, entryMarker, entryPatch, entryText, entryWords } from "../../words";
import { annotationLines, type AnnotationLine } from "../beside/annotationLines";
import type { PlayedStep } from "../case/steps";
import type { Room } from "../room";

/** One line of what happened: from the server's record, or still on its way there. */
export interface RecordLine {
  id: string;
  /** When it was made. */
  at: number;
  /** When it was stored, which is when the monitors showed it; when it was made, until it is. */
  stored_at: number;
  kind: EventKind;
  who: string;
  patch: VitalsPatch | null;
  /** The key of the step that was played. */
  step: string | null;
  /** The key of what happened. */
  marker: string | null;
  text: string | null;
  /** Of the case: `started`, `paused`, `resumed`, … */
  control: string | null;
  /** Of a trainee, or of a trainer at the bedside: `nibp_start`, … */
  action: string | null;
  /** What came with it. */
  details: Readonly<Record<string, unknown>>;
  event: SessionEvent | null;
  isWaiting: boolean;
  /** It is kept beside the record: an observer's note, or one that came after the end. */
  isBeside: boolean;
  /** The push that this one takes back. */
  undone: RecordLine | null;
}

/**
 * In the order of storing: what the server has confirmed, then what this device still holds, then what stands beside
 * the record. Refused entries are not in it.
 */
export function linesOf(room: Room): ReadonlySignal<readonly RecordLine[]> {
  const events = room.device.events(room.id);
  const beside = computed(() =>
    annotationLines((room.session.value?.annotations ?? []).filter(isOfMoment), room.entries.value, room.device.me.value).map(lineBeside),
  );
  return computed(() => {
    const confirmed = events.value.map(lineOfEvent);
    const ids = new Set([...confirmed, ...beside.value].map((line) => line.id));
    const waiting = room.entries.value
      .filter((entry) => (entry.state === "waiting" || entry.state === "sending") && !ids.has(entry.id))
      .flatMap((entry) => lineOfEntry(entry, room));
    return withUndone([...confirmed, ...waiting, ...beside.value]);
  });
}

/** What went well or not, and a line to take home, are judgements of afterwards: nothing that happened then. */
export function isOfMoment({ kind }: Pick<Annotation, "kind">): boolean {
  return kind === "note" || kind === "bookmark";
}

const undoingOf = new WeakMap<RecordLine, RecordLine>();

/** A push whose id says that it takes another one of this record back is told together with it. */
function withUndone(lines: RecordLine[]): RecordLine[] {
  const byId = new Map(lines.map((line) => [line.id, line]));
  return lines.map((line) => {
    const undone = line.patch === null ? undefined : byId.get(undoneIdOf(line.id) ?? "");
    if (undone === undefined) return line;
    let undoing = undoingOf.get(line);
    if (undoing?.undone !== undone) undoingOf.set(line, (undoing = { ...line, undone }));
    return undoing;
  });
}

/** In the order in which it was made: what a device sends after an outage stands where it belongs. */
export function inOrderMade(lines: readonly RecordLine[]): readonly RecordLine[] {
  const isInOrder = lines.every((line, place) => place === 0 || (lines[place - 1]?.at ?? 0) <= line.at);
  return isInOrder ? lines : [...lines].sort((a, b) => a.at - b.at);
}

export function playedSteps(lines: readonly RecordLine[]): PlayedStep[] {
  return lines.flatMap(({ step, at, isWaiting }) => (step === null ? [] : [{ step, at, isConfirmed: !isWaiting }]));
}

/** It was on its way for so long that its two times are told apart. */
const LATE_MS = 5_000;

export function isLate(line: RecordLine): boolean {
  return line.stored_at - line.at > LATE_MS;
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

  constructor(room: Room, lines: ReadonlySignal<readonly RecordLine[]>) {
    this.#staged = computed(() => {
      const { signs, rhythm, flags } = room.changes.staged.value;
      return new Set(keysOf({ vitals: signs, ...(rhythm === null ? {} : { rhythm }), flags }));
    });
    const keysIn = (states: readonly string[]) =>
      room.entries.value
        .filter((entry) => states.includes(entry.state))
        .flatMap((entry) => keysOf(entryPatch(entry, room.steps.value) ?? {}));
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

export function lineOfEvent(event: SessionEvent): RecordLine {
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
    at: Date.parse(event.made_at),
    stored_at: Date.parse(event.created_at),
    kind: event.kind,
    who: event.by.name,
    patch: event.kind === "vitals" ? patchOfEvent(event) : null,
    step: event.step,
    marker: event.marker,
    text: event.text,
    control: event.kind === "case" ? String(event.details?.["action"] ?? "") : null,
    action: event.kind === "action" ? String(event.details?.["action"] ?? event.text) : null,
    details: event.details ?? {},
    event,
    isWaiting: false,
    isBeside: false,
    undone: null,
  };
}

/** The earliest moment first; `text` has its marker in words already. */
function lineBeside({ id, at, stored_at, text, who, isWaiting }: AnnotationLine): RecordLine {
  const nothing = { patch: null, step: null, marker: null, control: null, action: null, details: {}, event: null };
  return { ...nothing, id, at, stored_at, kind: "note", who, text, isWaiting, isBeside: true, undone: null };
}

function lineOfEntry(entry: OutboxEntry, room: Room): RecordLine[] {
  const at = Date.parse(entry.made_at);
  const line: RecordLine = {
    id: entry.id,
    at,
    stored_at: at,
    kind: "note",
    who: authorName(entry.author, room.device.me.value),
    patch: null,
    step: null,
    marker: entryMarker(entry),
    text: entryText(entry),
    control: null,
    action: null,
    details: {},
    event: null,
    isWaiting: true,
    isBeside: false,
    undone: null,
  };
  switch (entry.kind) {
    case "vitals:push": {
      const step = (entry.body as VitalsPatch).step ?? null;
      return [{ ...line, kind: "vitals", patch: entryPatch(entry, room.steps.value), step }];
    }
    case "note:add":
      return [line];
    case "action:take": {
      const details = (entry.body["details"] ?? {}) as Record<string, unknown>;
      return [{ ...line, kind: "action", text: entryWords(entry), action: String(entry.body["action"]), details }];
    }
    case "case:control":
      return linesOfControl(entry.body["action"] as CaseControl, line, room.steps.value);
    case "session:open":
    case "session:close":
    case "annotation:add":
    case "annotation:change":
    case "annotation:remove":
    case "scores:put":
      return [];
  }
}

/** The server plays the first step with the start of the case. */
function linesOfControl(action: CaseControl, line: RecordLine, steps: readonly TemplateStep[]): RecordLine[] {
  const controlled: RecordLine = { ...line, kind: "case", control: CONTROLLED[action] };
  const [first] = steps;
  if (action !== "start" || first === undefined) return [controlled];
  const patch = patchOfPush({ step: first.key }, steps);
  return [controlled, { ...line, id: `${line.id}.first`, kind: "vitals", patch, step: first.key }];
}
