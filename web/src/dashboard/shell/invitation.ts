import type { ShownSession } from "../../device/view/device";
import type { Trainer } from "../../wire/types";
import { isOver } from "../sessions/finding";

/** The newest open session that somebody else lets this trainer steer, and of which they do not know yet. */
export function invitationOf(given: {
  sessions: readonly ShownSession[];
  me: Trainer;
  read: readonly string[];
  now: number;
}): ShownSession | null {
  const { sessions, me, read, now } = given;
  const isNews = (session: ShownSession) =>
    session.co_trainer_ids.includes(me.id) && session.trainer_id !== me.id && !read.includes(session.id) && !isOver(session, now);
  return me.role === "observer" ? null : (sessions.find(isNews) ?? null);
}

/** Of the invitations that were read those that still hold: whoever is let off and asked in anew is told anew. */
export function stillRead(read: readonly string[], sessions: readonly ShownSession[], me: Trainer): readonly string[] {
  const isLetOff = (session: ShownSession) => !session.co_trainer_ids.includes(me.id);
  return read.filter((id) => !sessions.some((session) => session.id === id && isLetOff(session)));
}
