import { computed, effect, signal, untracked, type ReadonlySignal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { KeptDraft } from "../../device/database/draft";
import { isOfTemplate, isSame, type TemplateContent } from "../../device/sync/edit";
import type { Device } from "../../device/view/device";
import { fill, language } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { newId } from "../../wire/ids";
import type { LastValues, Template } from "../../wire/types";
import { tellNotWritten } from "../room/notWritten";
import { announce } from "../shell/announce";
import { changed, type Change } from "./changes";
import type { CaseDraft } from "./draft";
import type { Fault } from "./faults";
import { did, historyOf, mapped, redone, undone, type DraftHistory } from "./history";
import { blankCase } from "./parts";
import { changedFields, newGround, pick, rebased } from "./rebasing";
import { faultsOf, valuesInOrder } from "./whole";

/** What of a case is looked at and edited. */
export type CasePart = "about" | "start" | "checklist" | "targets" | "limits" | `step ${string}`;

export type DraftStanding = "new" | "unsaved" | "saved" | "waiting" | "conflict";

const KEEPING_DELAY = 300;

interface Ground {
  /** Null: the server never had it. */
  base: Template | null;
  version: number;
}

/** One case as it is being written on this device: what was done, what is wrong with it, and how it is kept and saved. */
export class CaseEditor {
  readonly part = signal<CasePart>("about");
  /** Whether it was tried to save: what is missing is said from then on. */
  readonly isAsked = signal(false);
  readonly draft: ReadonlySignal<CaseDraft>;
  readonly faults: ReadonlySignal<readonly Fault[]>;
  /** What a monitor shows when the session opens, and after each step in the order of the list. */
  readonly values: ReadonlySignal<readonly LastValues[]>;
  readonly isChanged: ReadonlySignal<boolean>;
  readonly standing: ReadonlySignal<DraftStanding>;
  /** It was tried to save it, and something is still to be put right. */
  readonly isRefused: ReadonlySignal<boolean>;
  readonly canUndo: ReadonlySignal<boolean>;
  readonly canRedo: ReadonlySignal<boolean>;
  /** The case as this device shows it elsewhere; null: a new one, or deleted. */
  readonly shown: ReadonlySignal<Template | null>;
  readonly #history;
  readonly #ground;
  readonly #by = newId();
  #unkept: ReturnType<typeof setTimeout> | undefined;
  /** Of the draft that was read last, by whichever tab: not compared by age, for the clock may be set back. */
  #heard: number;

  constructor(
    readonly device: Device,
    readonly id: string,
    begun: KeptDraft | null,
    template: Template | null,
  ) {
    const blank = blankCase(language.peek());
    this.#heard = begun?.kept_at ?? 0;
    this.#history = signal<DraftHistory>(
      historyOf(begun?.content ?? (template === null ? blank : contentOfCase(template))),
    );
    this.#ground = signal<Ground>(
      begun === null
        ? { base: template, version: device.templateVersion(id) }
        : { base: begun.base, version: begun.base_version },
    );
    this.draft = computed(() => this.#history.value.now);
    this.faults = computed(() => faultsOf(this.draft.value));
    this.values = computed(() => valuesInOrder(this.draft.value));
    this.shown = computed(() => device.templates.value.find((one) => one.id === id) ?? null);
    this.isChanged = computed(() => {
      const { base } = this.#ground.value;
      return base === null
        ? !isSame(this.draft.value, { ...blank, language: this.draft.value.language })
        : this.#changes().length > 0;
    });
    this.standing = computed(() => {
      const edits = device.edits.value.filter(isOfTemplate).filter((edit) => edit.template_id === id);
      if (edits.some(({ state }) => state === "conflict")) return "conflict";
      if (this.isChanged.value) return "unsaved";
      if (this.#ground.value.base === null) return "new";
      return edits.some(({ state }) => state === "waiting") ? "waiting" : "saved";
    });
    this.isRefused = computed(() => this.isAsked.value && this.faults.value.some(({ level }) => level === "error"));
    this.canUndo = computed(() => this.#history.value.past.length > 0);
    this.canRedo = computed(() => this.#history.value.future.length > 0);
  }

  /** Whether it stands nowhere but in this page. */
  get isNew(): boolean {
    return this.#ground.peek().base === null;
  }

  /** `typed`: the field in which it was typed, so that a word is one change and not one for each letter. */
  change(change: Change, typed: string | null = null): void {
    this.#history.value = did(this.#history.peek(), changed(this.draft.peek(), change), typed, Date.now());
  }

  undo(): void {
    this.#goTo(undone(this.#history.peek()), t.value.editor.undone);
  }

  redo(): void {
    this.#goTo(redone(this.#history.peek()), t.value.editor.redone);
  }

  /** True if it is on its way; false if something is to be put right first, or if this device could not write it. */
  async save(): Promise<boolean> {
    this.isAsked.value = true;
    if (this.isRefused.peek()) return false;
    if (!this.isChanged.peek()) return true;
    const content = contentOfCase(this.draft.peek());
    const { base, version } = this.#ground.peek();
    const changes = this.#changes();
    try {
      // The shown case is another one at once, and this draft then has nothing that is not in it.
      const saving =
        base === null
          ? this.device.createTemplate(this.id, content)
          : this.device.changeTemplate(base, pick(content, changes), version);
      this.#settle();
      await saving;
      // What was typed while it was written down is not in it: that is the draft from now on.
      if (this.isChanged.peek()) this.#keep();
      else await this.#drop();
    } catch (error) {
      tellNotWritten(error);
      return false;
    }
    this.isAsked.value = false;
    announce(fill(t.value.editor.saved_title, { title: content.title }));
    return true;
  }

  /** Back to what stands there without this draft; it can be undone while the page is open. */
  discard(): void {
    const { base } = this.#ground.peek();
    this.change({ type: "whole", draft: base === null ? blankCase(language.peek()) : contentOfCase(base) });
    announce(t.value.editor.discarded);
  }

  /** Follow what others do to the case, and keep what is done here, while the page shows it. */
  start(): () => void {
    const stops = [
      effect(() => this.#follow(this.shown.value)),
      effect(() => this.#hear(this.device.drafts.value)),
      effect(() => this.#keepSoon(this.#history.value, this.#ground.value)),
    ];
    const keepNow = () => this.#keep();
    document.addEventListener("visibilitychange", keepNow);
    return () => {
      document.removeEventListener("visibilitychange", keepNow);
      this.#keep();
      for (const stop of stops) stop();
    };
  }

  #changes(): ReturnType<typeof changedFields> {
    const { base } = this.#ground.value;
    return base === null ? [] : changedFields(base, this.draft.value);
  }

  /** What was saved is the ground from now on. */
  #settle(): void {
    const shown = this.shown.peek();
    if (shown !== null) this.#ground.value = { base: shown, version: this.device.templateVersion(this.id) };
  }

  #follow(shown: Template | null): void {
    const ground = this.#ground.peek();
    if (shown === null || isSame(ground.base, shown)) return;
    const newest = { base: shown, version: this.device.templateVersion(this.id) };
    const draft = this.draft.peek();
    // Saved here, as a rule. Where a colleague has written the same version of the case meanwhile, nothing of theirs was seen.
    const isMine = ground.base === null && isSame(contentOfCase(shown), draft);
    const base = ground.base ?? (isMine ? shown : { ...shown, ...blankCase(language.peek()) });
    const version = isMine ? newest.version : ground.version;
    this.#ground.value = newGround({ base, version }, draft, newest);
    this.#history.value = mapped(this.#history.peek(), (one) => rebased(base, one, shown));
  }

  /** Another tab of this device writes the same draft: it is taken over as one change, which can be undone. */
  #hear(drafts: readonly KeptDraft[]): void {
    const kept = drafts.find((one) => one.template_id === this.id);
    if (kept === undefined || kept.by === this.#by || kept.kept_at === this.#heard) return;
    this.#heard = kept.kept_at;
    untracked(() => this.change({ type: "whole", draft: kept.content }));
  }

  #keepSoon(_history: DraftHistory, _ground: Ground): void {
    clearTimeout(this.#unkept);
    this.#unkept = setTimeout(() => this.#keep(), KEEPING_DELAY);
  }

  /** Only what differs from what is kept: a page that was but looked at writes nothing. */
  #keep(): void {
    clearTimeout(this.#unkept);
    const kept = this.device.drafts.peek().find((one) => one.template_id === this.id);
    if (!this.isChanged.peek()) {
      if (kept !== undefined && kept.by === this.#by) void this.#drop();
      return;
    }
    const { base, version: base_version } = this.#ground.peek();
    const content = this.draft.peek();
    if (kept !== undefined && isSame(kept.content, content) && isSame(kept.base, base)) return;
    const draft = { template_id: this.id, base, base_version, content, by: this.#by, kept_at: Date.now() };
    this.device.keepDraft(draft).catch(tellNotWritten);
  }

  async #drop(): Promise<void> {
    await this.device.dropDraft(this.id).catch(tellNotWritten);
  }

  #goTo(history: DraftHistory, words: string): void {
    if (history === this.#history.peek()) return;
    const before = this.draft.peek();
    this.#history.value = history;
    this.part.value = partThatDiffers(before, history.now) ?? this.part.peek();
    announce(words);
  }
}

function contentOfCase(of: TemplateContent): CaseDraft {
  const { title, public_title, description, language: tag, duration_minutes, vitals, rhythm, flags } = of;
  const { steps, limits, checklist, pass_percent = null, targets } = of;
  return {
    title, public_title, description, language: tag, duration_minutes, vitals, rhythm, flags, steps, limits, checklist,
    pass_percent, targets,
  }; // prettier-ignore
}

export function stepPart(key: string): CasePart {
  return `step ${key}`;
}

/** The key of the step that a part is; null: it is none. */
export function keyOfPart(part: CasePart): string | null {
  return part.startsWith("step ") ? part.slice(5) : null;
}

/** In which part a field stands. */
export function partOf(field: string, draft: CaseDraft): CasePart {
  const [top = "", place = ""] = field.split(".");
  switch (top) {
    case "steps": {
      const step = draft.steps[Number(place)];
      return step === undefined ? "about" : stepPart(step.key);
    }
    case "vitals":
    case "rhythm":
    case "flags":
      return "start";
    case "checklist":
    case "targets":
    case "limits":
      return top;
    case "pass_percent":
      return "checklist";
    default:
      return "about";
  }
}

/** Where somebody looks after an undo: at the first part that is another one now. */
export function partThatDiffers(before: CaseDraft, after: CaseDraft): CasePart | null {
  const step = after.steps.find((one, place) => !isSame(one, before.steps[place]));
  if (step !== undefined) return stepPart(step.key);
  if (after.steps.length !== before.steps.length)
    return after.steps.length === 0 ? "start" : stepPart(after.steps.at(-1)!.key);
  const fields = Object.keys(after) as (keyof CaseDraft)[];
  const field = fields.find((name) => !isSame(before[name], after[name]));
  return field === undefined ? null : partOf(field, after);
}

export const EditorContext = createContext<CaseEditor | null>(null);

export function useEditor(): CaseEditor {
  const editor = useContext(EditorContext);
  if (editor === null) throw new Error("No CaseEditor around this component");
  return editor;
}
