import { useSignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { useIsMounted } from "../../../app/mounted";
import { pathTo } from "../../../app/pages";
import { go, path } from "../../../app/route";
import { may } from "../../../device/permissions";
import type { ShownSession } from "../../../device/view/device";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { newId } from "../../../wire/ids";
import { useDevice } from "../../context";
import { Dialog } from "../../Dialog";
import { clockTime } from "../../fmt";
import { announce } from "../../shell/announce";
import { counted, reason } from "../../words";
import "./again.css";

/** A moment that can be chosen; `words` say what happened then, if more than its time is known. */
export interface OfferedMoment {
  seq: number;
  at: number;
  words: string;
}

/** Asks once, and opens the room of the new session. `moments`: one, or several to choose from; `first` is chosen. */
export function AskAgain(props: {
  session: ShownSession;
  moments: readonly OfferedMoment[];
  first: number;
  onClose: () => void;
}) {
  const { session, moments } = props;
  const device = useDevice();
  const texts = t.value.again;
  const chosen = useSignal(props.first);
  const isBusy = useSignal(false);
  const failed = useSignal("");
  const isMounted = useIsMounted();
  // By hand. The new attempt may end this session, and its page goes with the dialog before the answer is here.
  const isCalledOff = useRef(false);
  const close = () => {
    if (isMounted()) isCalledOff.current = true;
    props.onClose();
  };
  // Asked again after an answer that did not come, it is the same session.
  const ids = useRef(new Map<string, string>()).current;
  const trainees = useMemo(() => device.trainees(session.id), [device, session.id]);
  const here = trainees.value.filter((one) => one.connected).length;
  const me = device.me.value;
  const maySend = me !== null && may("close_session", session, me);
  const isOver = session.closed_at !== null;
  const open = async (moves_trainees: boolean) => {
    if (isBusy.peek()) return;
    isBusy.value = true;
    failed.value = "";
    const askedAt = path.peek();
    const after_seq = chosen.peek();
    const id = ids.get(`${after_seq} ${moves_trainees}`) ?? newId();
    ids.set(`${after_seq} ${moves_trainees}`, id);
    const refusal = await device.forkSession(session.id, { id, after_seq, moves_trainees });
    isBusy.value = false;
    if (refusal !== null) {
      failed.value = fill(texts.failed, { reason: reason(refusal) });
      return;
    }
    announce(texts.opened);
    // Whoever closed the dialog or left the page stays where they are: what was asked for is done, and stands in the list.
    if (isCalledOff.current || path.peek() !== askedAt) return;
    props.onClose();
    go(pathTo("room", { session_id: id }));
  };
  const moment = moments.find(({ seq }) => seq === chosen.value);
  const send = isOver ? texts.send_over : here === 0 ? texts.send_none : counted(here, texts.send);
  return (
    <Dialog title={texts.title} onClose={close} class="db-again">
      {moments.length > 1 ? (
        <Choice moments={moments} chosen={chosen.value} choose={(seq) => (chosen.value = seq)} />
      ) : (
        <p>{fill(texts.from, { when: clockTime(moment?.at ?? 0), words: moment?.words ?? "" })}</p>
      )}
      <p>{texts.help}</p>
      {maySend ? <p class="db-hint">{isOver ? texts.help_over : texts.help_send}</p> : null}
      <p class="db-failed" role="alert">
        {failed}
      </p>
      <div class="db-dialog-actions">
        <button type="button" class="db-button" onClick={close}>
          {t.value.common.cancel}
        </button>
        <button
          type="button"
          class={`db-button ${maySend ? "" : "db-button-main"}`}
          aria-disabled={isBusy.value}
          onClick={() => void open(false)}
        >
          {maySend ? texts.beside : texts.open}
        </button>
        {maySend ? (
          <button
            type="button"
            class="db-button db-button-main"
            autofocus
            aria-disabled={isBusy.value}
            onClick={() => void open(true)}
          >
            {send}
          </button>
        ) : null}
      </div>
    </Dialog>
  );
}

function Choice(props: { moments: readonly OfferedMoment[]; chosen: number; choose: (seq: number) => void }) {
  return (
    <fieldset class="db-again-moments">
      <legend>{t.value.again.choose}</legend>
      {props.moments.map(({ seq, at, words }) => (
        <label key={seq}>
          <input type="radio" name="moment" checked={seq === props.chosen} onChange={() => props.choose(seq)} />
          <time>{clockTime(at)}</time>
          <span>{words}</span>
        </label>
      ))}
    </fieldset>
  );
}
