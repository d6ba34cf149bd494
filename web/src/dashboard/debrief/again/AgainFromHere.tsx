import { useSignal } from "@preact/signals";
import { mayInSchool } from "../../../device/permissions";
import type { ShownSession } from "../../../device/view/device";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { useDevice } from "../../context";
import { clockTime } from "../../fmt";
import { Icon } from "../../icons";
import { AskAgain } from "./AskAgain";

/**
 * From a moment of a session's record in two taps: this button, and the one that says whether the team comes along.
 * `at`: when that moment was, of the server's clock; `words`: what happened then. `isSmall`: its icon alone is seen.
 */
export function AgainFromHere(props: {
  session: ShownSession;
  seq: number;
  at: number;
  words?: string;
  isSmall?: boolean;
}) {
  const { session, seq, at, words = "" } = props;
  const texts = t.value.again;
  const isAsked = useSignal(false);
  if (!useMayForkHere(session)) return null;
  return (
    <>
      <button
        type="button"
        class={`db-button db-button-quiet ${props.isSmall === true ? "db-again-small" : ""}`}
        aria-haspopup="dialog"
        aria-label={props.isSmall === true ? fill(texts.label, { when: clockTime(at), words }).trim() : undefined}
        title={fill(texts.label, { when: clockTime(at), words }).trim()}
        onClick={() => (isAsked.value = true)}
      >
        <Icon name="retry" />
        {props.isSmall === true ? null : <span>{texts.from_here}</span>}
      </button>
      {isAsked.value ? (
        <AskAgain session={session} moments={[{ seq, at, words }]} first={seq} onClose={() => (isAsked.value = false)} />
      ) : null}
    </>
  );
}

/** Needs the network, and a session that this server is the home of. */
export function useMayForkHere(session: ShownSession): boolean {
  const device = useDevice();
  const me = device.me.value;
  const isElsewhere = session.hall !== null && session.closed_at === null;
  return me !== null && mayInSchool("open_session", me) && !isElsewhere && session.code !== null && device.isOnline.value;
}
