import { useSignal } from "@preact/signals";
import { may } from "../../../device/permissions";
import type { ShownSession } from "../../../device/view/device";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { useDevice } from "../../context";
import { wholeTime } from "../../fmt";
import { Icon } from "../../icons";
import { announce } from "../../shell/announce";
import { reason } from "../../words";
import { ExportPerson } from "./ExportPerson";
import { LockDialog } from "./LockDialog";
import { NamesOutDialog } from "./NamesOutDialog";
import "./keeping.css";

/** Of an ended session: whether it is kept as it is, whether it still has names, and what there is about one person. */
export function Keeping(props: { sessionId: string }) {
  const device = useDevice();
  const session = device.session(props.sessionId).value;
  return session !== null && session.closed_at !== null ? <Panel session={session} /> : null;
}

function Panel(props: { session: ShownSession }) {
  const { session } = props;
  const device = useDevice();
  const texts = t.value.keeping.session;
  const me = device.me.value;
  const opened = useSignal<"lock" | "names" | "export" | null>(null);
  const failed = useSignal("");
  const isHall = device.hall.value !== null;
  const mayLock = !isHall && me !== null && may("lock_record", session, me);
  const mayTakeOut = !isHall && me !== null && may("take_names_out", session, me) && session.lock === null;
  const unlock = async () => {
    const refusal = await device.unlockSession(session.id);
    failed.value = refusal === null ? "" : reason(refusal);
    if (refusal === null) announce(texts.unlocked_done);
  };
  const close = () => (opened.value = null);
  return (
    <section class="db-panel db-keeping" id="part-keeping" aria-labelledby="part-keeping-title" tabIndex={-1}>
      <h2 id="part-keeping-title">{texts.title}</h2>
      <Standing session={session} />
      <div class="db-keeping-actions">
        {!mayLock ? null : session.lock === null ? (
          <button type="button" class="db-button" onClick={() => (opened.value = "lock")}>
            {texts.lock}
          </button>
        ) : (
          <button type="button" class="db-button" onClick={() => void unlock()}>
            {texts.unlock}
          </button>
        )}
        {mayTakeOut ? (
          <button type="button" class="db-button" onClick={() => (opened.value = "names")}>
            {session.names_out_at === null ? texts.names_out : texts.again}
          </button>
        ) : null}
        <button type="button" class="db-button" onClick={() => (opened.value = "export")}>
          {texts.export}
        </button>
      </div>
      <p class="db-failed" role="alert">
        {failed}
      </p>
      {opened.value === "lock" ? <LockDialog sessionId={session.id} onClose={close} /> : null}
      {opened.value === "names" ? <NamesOutDialog session={session} onClose={close} /> : null}
      {opened.value === "export" ? <ExportPerson session={session} onClose={close} /> : null}
    </section>
  );
}

function Standing(props: { session: ShownSession }) {
  const { lock, names_out_at } = props.session;
  const texts = t.value.keeping.session;
  return (
    <>
      {lock === null ? (
        <p class="db-hint">{texts.open}</p>
      ) : (
        <p class="db-keeping-lock">
          <Icon name="archive" />
          <span>
            <b>{lock.reason}</b>
            <br />
            {fill(texts.locked, { name: lock.by.name, when: wholeTime(Date.parse(lock.at)) })}
          </span>
        </p>
      )}
      {names_out_at === null ? null : <p>{fill(texts.names_gone, { when: wholeTime(Date.parse(names_out_at)) })}</p>}
    </>
  );
}
