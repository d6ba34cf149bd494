import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { SHARE } from "../../../generated/catalogue";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { may } from "../../../device/permissions";
import type { OpenShare, Share } from "../../../wire/beside";
import type { Refusal } from "../../../wire/types";
import { CopyText } from "../../CopyText";
import { Dialog } from "../../Dialog";
import { wholeTime } from "../../fmt";
import { Icon } from "../../icons";
import { useRoom, type Room } from "../../room/room";
import { announce } from "../../shell/announce";
import { counted, reason } from "../../words";
import "./share.css";

/** As the server has it where nobody chooses. */
const USUAL_DAYS = SHARE.usual_days;
const DAYS = [1, 7, USUAL_DAYS, 30, 90];

/** The debrief for whoever gets the link: with an end, which can come at once. */
export function ShareButton() {
  const isOpen = useSignal(false);
  const room = useRoom();
  const [session, me] = [room.session.value, room.device.me.value];
  // Whoever steers it, also after its end; while it is steered in a hall, its links are made there.
  if (session === null || me === null || room.isElsewhere.value || !may("edit_session", session, me)) return null;
  return (
    <>
      <button type="button" class="db-button" onClick={() => (isOpen.value = true)}>
        <Icon name="upload" />
        <span>{t.value.marks.share.open}</span>
      </button>
      {isOpen.value ? <ShareDialog room={room} onClose={() => (isOpen.value = false)} /> : null}
    </>
  );
}

function ShareDialog(props: { room: Room; onClose: () => void }) {
  const { room } = props;
  const texts = t.value.marks.share;
  const days = useSignal<number>(USUAL_DAYS);
  const share = useSignal<Share | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const isBusy = useSignal(false);
  const open = useSignal<readonly OpenShare[]>([]);
  const isOnline = room.device.isOnline.value;
  const look = async () => {
    const answer = await room.device.sharing.openShares(room.id);
    if (answer.ok) open.value = answer.value.items;
  };
  useEffect(() => void look(), [room]);

  const make = async () => {
    isBusy.value = true;
    const answer = await room.device.sharing.share(room.id, days.value);
    isBusy.value = false;
    refusal.value = answer.ok ? null : answer.refusal;
    if (answer.ok) share.value = answer.value;
    await look();
  };
  const end = async () => {
    isBusy.value = true;
    const answer = await room.device.sharing.endShare(room.id);
    isBusy.value = false;
    refusal.value = answer.ok ? null : answer.refusal;
    if (!answer.ok) return;
    share.value = null;
    open.value = [];
    announce(texts.ended);
  };

  return (
    <Dialog title={texts.title} onClose={props.onClose}>
      <p>{texts.help}</p>
      {share.value === null ? (
        <>
          <label class="db-field">
            <span>{texts.until}</span>
            <select
              value={String(days.value)}
              onChange={(event) => {
                days.value = Number(event.currentTarget.value);
              }}
            >
              {DAYS.map((count) => (
                <option key={count} value={String(count)}>
                  {counted(count, texts.days)}
                </option>
              ))}
            </select>
          </label>
          <p class="db-hint">{texts.again_help}</p>
        </>
      ) : (
        <div class="db-share-link">
          <p class="db-share-url">{share.value.url}</p>
          <p class="db-hint">{fill(texts.ends, { when: wholeTime(Date.parse(share.value.expires_at)) })}</p>
          <CopyText text={share.value.url} label={`${t.value.dashboard.outbox.copy}: ${texts.link}`} />
        </div>
      )}
      {open.value.length === 0 ? null : (
        <>
          <p class="db-hint">{counted(open.value.length, texts.open_links)}</p>
          <ul>
            {open.value.map(({ by, created_at, expires_at }) => (
              <li key={created_at}>{fill(texts.open_link, { who: by.name, when: wholeTime(Date.parse(expires_at)) })}</li>
            ))}
          </ul>
        </>
      )}
      {refusal.value === null ? null : (
        <p class="db-failed" role="alert">
          {fill(texts.failed, { reason: reason(refusal.value) })}
        </p>
      )}
      {isOnline ? null : <p class="db-hint">{texts.offline}</p>}
      <div class="db-dialog-actions">
        <button type="button" class="db-button" onClick={props.onClose}>
          {t.value.common.close}
        </button>
        {open.value.length === 0 ? null : (
          <button type="button" class="db-button db-button-danger-quiet" disabled={!isOnline || isBusy.value} onClick={() => void end()}>
            {texts.end}
          </button>
        )}
        {share.value === null ? (
          <button type="button" class="db-button db-button-main" autofocus disabled={!isOnline || isBusy.value} onClick={() => void make()}>
            {texts.make}
          </button>
        ) : null}
      </div>
    </Dialog>
  );
}
