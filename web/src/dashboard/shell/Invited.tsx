import { signal, useComputed } from "@preact/signals";
import { pageAt, pathTo } from "../../app/pages";
import { path } from "../../app/route";
import { fill, t } from "../../i18n";
import { useDevice } from "../context";
import { Icon } from "../icons";
import { invitationOf } from "./invitation";
import { Link } from "./Link";

const KEY = "shiller.invitations-read";
const read = signal<readonly string[]>(readBefore());

/** Somebody was asked to steer a colleague's session, and is told so on whatever page they are, until they have read it. */
export function Invited() {
  const device = useDevice();
  const invitation = useComputed(() => {
    const me = device.me.value;
    const page = pageAt(path.value);
    const here = page.name === "room" ? page.session_id : null;
    if (me === null) return null;
    const session = invitationOf({ sessions: device.sessions.value, me, read: read.value, now: device.serverNow() });
    if (session?.id !== here) return session;
    // Whoever is in that room knows.
    queueMicrotask(() => note(session?.id ?? ""));
    return null;
  }).value;
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
          <button type="button" class="db-button" onClick={() => note(invitation.id)}>
            {t.value.dashboard.controls.shared_read}
          </button>
        </>
      )}
    </div>
  );
}

function note(sessionId: string): void {
  if (sessionId === "" || read.peek().includes(sessionId)) return;
  read.value = [...read.peek(), sessionId].slice(-200);
  try {
    localStorage.setItem(KEY, JSON.stringify(read.peek()));
  } catch {
    // A browser that keeps nothing: it is told once more after the next load.
  }
}

function readBefore(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}
