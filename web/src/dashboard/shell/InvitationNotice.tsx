import { effect, signal, untracked, useComputed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { pageAt, pathTo } from "../../app/pages";
import { path } from "../../app/route";
import { keptOnDevice } from "../../app/siteData";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { useDevice } from "../context";
import { Icon } from "../icons";
import { invitationOf, stillRead } from "./invitation";
import { Link } from "./Link";

const KEY = "shiller.invitations-read";
const MOST_KEPT = 200;
const read = signal<readonly string[]>(readBefore());

/** Somebody was asked to steer a colleague's session, and is told so on whatever page they are, until they have read it. */
export function InvitationNotice() {
  const device = useDevice();
  const found = useComputed(() => {
    const me = device.me.value;
    if (me === null) return null;
    return invitationOf({ sessions: device.sessions.value, me, read: read.value, now: device.serverNow() });
  }).value;
  useEffect(
    () =>
      effect(() => {
        const me = device.me.value;
        if (me !== null) keep(stillRead(untracked(() => read.value), device.sessions.value, me));
      }),
    [device],
  );
  const page = pageAt(path.value);
  // Whoever is in that room knows.
  const isThere = page.name === "room" && page.session_id === found?.id;
  useEffect(() => {
    if (isThere && found !== null) keep([...read.peek(), found.id]);
  }, [isThere, found?.id]);
  const invitation = isThere ? null : found;
  const texts = t.value.dashboard.trainers;
  const owner = device.colleagues.value.find(({ id }) => id === invitation?.trainer_id)?.name;
  const title = invitation?.title || t.value.dashboard.room.untitled;
  return (
    <div class="db-invited" role="status">
      {invitation === null ? null : (
        <>
          <Icon name="people" />
          <p>{owner === undefined ? fill(texts.you_are_invited, { title }) : fill(texts.you_are_invited_by, { title, name: owner })}</p>
          <Link to={pathTo("room", { session_id: invitation.id })} class="db-button db-button-main">
            {texts.open}
          </Link>
          <button type="button" class="db-button" onClick={() => keep([...read.peek(), invitation.id])}>
            {t.value.dashboard.controls.shared_read}
          </button>
        </>
      )}
    </div>
  );
}

function keep(ids: readonly string[]): void {
  if (ids.length === read.peek().length) return;
  read.value = ids.slice(-MOST_KEPT);
  keptOnDevice.write(KEY, JSON.stringify(read.peek()));
}

function readBefore(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(keptOnDevice.read(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}
