import { useComputed } from "@preact/signals";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { lasting } from "../../fmt";
import { Icon } from "../../icons";
import { keyed } from "../../keys/shortcuts";
import { countStaged, hasOwnSigns, stagedNames, type Staging } from "./staging";
import { counted, flagWords, patchWords, rhythmName, signWords } from "../../words";
import { RampPicker } from "./RampPicker";
import { useRoom } from "../room";
import "./send.css";

/** The pressures' inputs are described by it. */
export const TROUBLE_ID = "send-trouble";

/** Always in sight: what is staged, and the one button that sends it. */
export function SendBar() {
  const room = useRoom();
  const texts = t.value.dashboard.send;
  const isEmpty = useComputed(() => (room.changes.count.value === 0 ? "yes" : "no"));
  return (
    <section class="db-send" aria-label={texts.title} data-empty={isEmpty}>
      <Trouble />
      <div class="db-send-row">
        <StagedList />
        <DiscardButton />
        <UndoButton />
        <label class="db-switch">
          <input
            type="checkbox"
            checked={room.changes.isAtOnce}
            onChange={(event) => {
              room.changes.isAtOnce.value = event.currentTarget.checked;
            }}
          />
          <span>{texts.at_once}</span>
        </label>
      </div>
      <div class="db-send-row">
        <RampPicker />
        <HoldButton />
        <SendButton />
      </div>
    </section>
  );
}

function Trouble() {
  const room = useRoom();
  const words = useComputed(() => {
    const found = room.changes.trouble.value;
    return found === null ? "" : fill(t.value.dashboard.signs.trouble, { ...found });
  });
  const isShown = useComputed(() => (words.value === "" ? "no" : "yes"));
  return (
    <p class="db-trouble" id={TROUBLE_ID} role="alert" data-shown={isShown}>
      <Icon name="alert" />
      <span>{words}</span>
    </p>
  );
}

function StagedList() {
  const room = useRoom();
  const texts = t.value.dashboard.send;
  const staged = room.changes.staged.value;
  if (countStaged(staged) === 0)
    return <p class="db-staged-none">{room.changes.isAtOnce.value ? texts.nothing_at_once : texts.nothing}</p>;
  // What the rest of the page shows least comes first: a flag, then the rhythm; a sign is seen in its own row.
  const chips: { key: string; words: string; forget: Staging }[] = Object.entries(staged.flags).map(([key, value]) => ({
    key: `flag:${key}`,
    words: flagWords(key, value),
    forget: { type: "forget_flag", key },
  }));
  if (staged.rhythm !== null)
    chips.push({ key: "rhythm", words: rhythmName(staged.rhythm), forget: { type: "forget_rhythm" } });
  for (const name of stagedNames(staged))
    chips.push({ key: name, words: signWords({ [name]: staged.signs[name] }).join(""), forget: { type: "forget_sign", name } });
  return (
    <ul class="db-staged" aria-label={texts.list}>
      {chips.map((chip) => (
        <li key={chip.key}>
          <button
            type="button"
            class="db-chip"
            aria-label={fill(texts.take_out, { what: chip.words })}
            onClick={(event) => {
              // The chip goes; the focus stays in the bar.
              event.currentTarget.closest(".db-send")?.querySelector<HTMLElement>(".db-send-button")?.focus();
              room.changes.change(chip.forget, { held: true });
            }}
          >
            <span>{chip.words}</span>
            <Icon name="cross" />
          </button>
        </li>
      ))}
    </ul>
  );
}

function SendButton() {
  const room = useRoom();
  const count = room.changes.count.value;
  const texts = t.value.dashboard.send;
  const ramp = room.changes.ramp.value;
  const isMoving = hasOwnSigns(room.changes.staged.value);
  const words = count === 0 ? texts.send_none : counted(count, texts.send);
  return (
    <button
      type="button"
      class="db-button db-button-main db-send-button"
      title={texts.keys}
      aria-keyshortcuts="Control+Enter"
      aria-disabled={count === 0 || room.changes.trouble.value !== null}
      onClick={() => room.changes.send()}
    >
      <Icon name="up" />
      <span>
        {words}
        {count > 0 && isMoving && ramp > 0 ? <small>{fill(texts.over, { time: lasting(ramp) })}</small> : null}
      </span>
    </button>
  );
}

function DiscardButton() {
  const room = useRoom();
  const count = room.changes.count.value;
  return (
    <button
      type="button"
      class="db-button db-discard"
      aria-disabled={count === 0}
      onClick={() => {
        if (room.changes.count.peek() > 0) room.changes.discard();
      }}
    >
      <Icon name="trash" />
      <span>{t.value.dashboard.send.discard}</span>
    </button>
  );
}

function UndoButton() {
  const room = useRoom();
  const texts = t.value.dashboard.send;
  const before = room.pushes.undoable.value;
  const label = before === null ? texts.undo_none : fill(texts.undo_label, { what: patchWords(before) });
  return (
    <button
      type="button"
      class="db-button db-undo"
      {...keyed("undo")}
      title={label}
      aria-label={label}
      aria-disabled={before === null}
      onClick={() => room.pushes.undo()}
    >
      <Icon name="undo" />
      <span>{texts.undo}</span>
    </button>
  );
}

function HoldButton() {
  const room = useRoom();
  const texts = t.value.dashboard.send;
  // Kept in its place while nothing moves, so that its coming and going moves nothing else.
  const isRamping = room.time.isRamping.value;
  return (
    <button
      type="button"
      class="db-button db-hold"
      data-shown={isRamping ? "yes" : "no"}
      disabled={!isRamping}
      aria-label={`${texts.hold}: ${texts.hold_label}`}
      title={texts.hold_label}
      onClick={() => room.pushes.hold()}
    >
      <Icon name="pause" />
      <span>{texts.hold}</span>
    </button>
  );
}
