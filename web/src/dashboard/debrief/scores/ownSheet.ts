import { computed, signal, type ReadonlySignal } from "@preact/signals";
import { sheetOnTop, sheetRead, type MadeSheet } from "../../../device/outbox/sheets";
import { isShown } from "../../../device/view/shown";
import type { SheetScore, ScoreSheet } from "../../../wire/beside";
import { tellNotWritten } from "../../room/notWritten";
import type { Room } from "../../room/room";
import { withComment, withScore } from "./rules";

/** After the last tap or letter: a sheet goes whole, so that one call says all of them. */
const CALM_MS = 500;

/**
 * The sheet of whoever is logged in: as it was typed, else as it waits in the outbox, else as the server has it. It goes
 * to the outbox as a whole; there the newest one takes the place of those before it, and survives a reload and an
 * outage. Before the sheets of the session were read, a tap is a part of a sheet that is not known: it is laid on what
 * is read, here and where it is sent, and never takes the place of that.
 */
export class OwnSheetDraft {
  readonly sheet: ReadonlySignal<MadeSheet>;
  /** The server has not confirmed what is shown. */
  readonly isWaiting: ReadonlySignal<boolean>;
  /** As the server has it, with what it makes of it. */
  readonly stored: ReadonlySignal<ScoreSheet | null>;
  readonly #room: Room;
  readonly #typed = signal<MadeSheet | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(room: Room) {
    this.#room = room;
    const me = () => room.device.me.value?.id ?? null;
    const waiting = computed((): MadeSheet | null => {
      const entry = room.entries.value.findLast((one) => one.kind === "scores:put" && isShown(one) && one.author === me());
      return entry === undefined ? null : (entry.body as unknown as MadeSheet);
    });
    this.stored = computed(() => room.session.value?.scores?.sheets.find(({ by }) => by.id === me()) ?? null);
    const read = computed(() => sheetRead(room.session.value?.scores ?? null, me()));
    this.sheet = computed(() => sheetOnTop(this.#typed.value ?? waiting.value, read.value));
    this.isWaiting = computed(() => this.#typed.value !== null || waiting.value !== null);
  }

  score(key: string, score: SheetScore | null, at: string | null): void {
    this.#change(withScore(this.sheet.peek(), key, score, at));
  }

  comment(key: string, comment: string): void {
    this.#change(withComment(this.sheet.peek(), key, comment));
  }

  commentWhole(comment: string): void {
    this.#change({ ...this.sheet.peek(), comment });
  }

  /** What was typed goes to the outbox now: the page is left. */
  flush(): void {
    clearTimeout(this.#timer);
    const sheet = this.#typed.peek();
    if (sheet === null) return;
    // It is among the entries when the call returns.
    const kept = this.#room.device.score(this.#room.id, sheet);
    this.#typed.value = null;
    kept.catch((error: unknown) => {
      this.#typed.value ??= sheet;
      tellNotWritten(error);
    });
  }

  #change(sheet: MadeSheet): void {
    this.#typed.value = sheet;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), CALM_MS);
  }
}

const drafts = new WeakMap<Room, OwnSheetDraft>();

/** One for each room, wherever in it the sheet is shown. */
export function ownSheetOf(room: Room): OwnSheetDraft {
  let draft = drafts.get(room);
  if (draft === undefined) drafts.set(room, (draft = new OwnSheetDraft(room)));
  return draft;
}
