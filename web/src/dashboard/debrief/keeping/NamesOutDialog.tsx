import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { useIsMounted } from "../../../app/mounted";
import type { ShownSession } from "../../../device/view/device";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { useDevice } from "../../context";
import type { FreeText, Refusal } from "../../../wire/types";
import { Dialog } from "../../Dialog";
import { wholeTime } from "../../fmt";
import { announce } from "../../shell/announce";
import { Unread } from "../../Unread";
import { reason } from "../../words";
import { markedTexts, type MarkedText } from "./freeTexts";
import { nameFinder } from "./names";

/** By their ids, what becomes of texts: null takes one out. One that is not here stays, with its names replaced. */
type Chosen = Readonly<Record<string, string | null>>;

/** Everything that somebody wrote is read once more before the names go, for that cannot be undone. */
export function NamesOutDialog(props: { session: ShownSession; onClose: () => void }) {
  const { session } = props;
  const device = useDevice();
  const texts = t.value.keeping.names;
  const told = useSignal<readonly FreeText[] | null>(null);
  const unread = useSignal<Refusal | null>(null);
  const found = useMemo(() => {
    const finder = session.names_out_at === null ? nameFinder(session.attendance ?? [], session.trainee_name) : null;
    return markedTexts(told.value ?? [], finder);
  }, [told.value, session.attendance]);
  // The names are those of the attendance, which comes with what is beside the record.
  const isRead = told.value !== null && session.attendance !== null;
  const chosen = useSignal<Chosen>({});
  const isUnderstood = useSignal(false);
  const isBusy = useSignal(false);
  const problem = useSignal("");
  const isMounted = useIsMounted();
  const box = useRef<HTMLInputElement>(null);
  const look = async () => {
    unread.value = null;
    const answer = await device.people.freeTexts(session.id);
    if (!isMounted()) return;
    if (answer.ok) told.value = answer.value.texts;
    else unread.value = answer.refusal;
  };
  const isOnline = device.isOnline.value;
  useEffect(() => {
    if (isOnline && told.peek() === null) void look();
  }, [session.id, isOnline]);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isBusy.value || !isRead) return;
    const isEmpty = Object.values(chosen.value).some((text) => text !== null && text.trim() === "");
    problem.value = isEmpty ? texts.new_words_missing : isUnderstood.value ? "" : texts.understood_missing;
    if (problem.value !== "") return isEmpty ? undefined : box.current?.focus();
    isBusy.value = true;
    const refusal = await device.takeNamesOut(session.id, { ...chosen.value });
    isBusy.value = false;
    if (refusal === null) announce(texts.done);
    // Closed meanwhile, it would close whichever dialog is open by now.
    if (!isMounted()) return;
    if (refusal === null) props.onClose();
    else problem.value = fill(texts.failed, { reason: reason(refusal) });
    if (refusal?.code !== "invalid_fields") return;
    // Somebody has written one of them anew meanwhile: what is here now is read once more.
    await look();
    const here = new Set(told.value?.map(({ id }) => id));
    chosen.value = Object.fromEntries(Object.entries(chosen.value).filter(([id]) => here.has(id)));
  };
  return (
    <Dialog title={texts.title} class="db-names-out" onClose={props.onClose}>
      <form onSubmit={(event) => void submit(event)} noValidate aria-busy={isBusy}>
        <p>
          <b>{texts.warning}</b> {texts.lead}
        </p>
        <h3>{texts.texts}</h3>
        {isRead ? (
          <>
            <p class="db-hint">{found.length === 0 ? texts.no_texts : texts.texts_help}</p>
            <ul class="db-names-texts" tabIndex={found.length === 0 ? -1 : 0} aria-label={texts.texts}>
              {found.map((one) => (
                <TextRow
                  key={one.id}
                  one={one}
                  chosen={chosen.value[one.id]}
                  choose={(text) => {
                    const { [one.id]: _, ...others } = chosen.value;
                    chosen.value = text === undefined ? others : { ...others, [one.id]: text };
                  }}
                />
              ))}
            </ul>
          </>
        ) : unread.value !== null ? (
          <>
            <p class="db-failed" role="alert">
              {fill(texts.unread, { reason: reason(unread.value) })}
            </p>
            <button type="button" class="db-button" onClick={() => void look()}>
              {texts.retry}
            </button>
          </>
        ) : (
          <Unread />
        )}
        <p class="db-hint">{texts.copies}</p>
        <label class="db-switch">
          <input
            ref={box}
            type="checkbox"
            checked={isUnderstood}
            onChange={(event) => (isUnderstood.value = event.currentTarget.checked)}
          />
          <span>{texts.understood}</span>
        </label>
        <p class="db-problem" role="alert" data-shown={problem.value === "" ? "no" : "yes"}>
          {problem}
        </p>
        <div class="db-dialog-actions">
          <button type="button" class="db-button" autofocus onClick={props.onClose}>
            {t.value.common.cancel}
          </button>
          <button type="submit" class="db-button db-button-danger" aria-disabled={!isRead}>
            {isBusy.value ? texts.busy : texts.yes}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function TextRow(props: {
  one: MarkedText;
  chosen: string | null | undefined;
  choose: (text: string | null | undefined) => void;
}) {
  const { one, chosen, choose } = props;
  const texts = t.value.keeping.names;
  return (
    <li>
      <p class="db-names-text" data-out={chosen === null ? "yes" : "no"}>
        {one.parts.map((part, place) => (part.isName ? <mark key={place}>{part.text}</mark> : part.text))}
      </p>
      <p class="db-hint">{whose(one)}</p>
      <div class="db-names-choices" role="group" aria-label={one.text}>
        <button
          type="button"
          class="db-button db-button-quiet"
          aria-pressed={chosen === null}
          onClick={() => choose(chosen === null ? undefined : null)}
        >
          {chosen === null ? texts.taken_out : texts.take_out}
        </button>
        <button
          type="button"
          class="db-button db-button-quiet"
          aria-pressed={typeof chosen === "string"}
          onClick={() => choose(typeof chosen === "string" ? undefined : one.text)}
        >
          {texts.reword}
        </button>
      </div>
      {typeof chosen === "string" ? (
        <label class="db-field">
          <span>{texts.new_words}</span>
          <textarea
            rows={2}
            value={chosen}
            maxLength={one.longest}
            aria-invalid={chosen.trim() === ""}
            onInput={(event) => choose(event.currentTarget.value)}
          />
        </label>
      ) : null}
    </li>
  );
}

/** What it is, whose, and when: as far as that is told. */
function whose({ kind, by, at }: FreeText): string {
  const texts = t.value.keeping.names;
  const name = by ?? (kind === "words" ? texts.nameless : null);
  return [texts.kinds[kind], name, at === null ? null : wholeTime(Date.parse(at))].filter((part) => part !== null).join(" · ");
}
