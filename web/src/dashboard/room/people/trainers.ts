import type { Relation } from "../../../device/permissions";
import type { Session, Trainer } from "../../../wire/types";
import type { KnownColleague } from "../../../wire/sync";

/** `watching`: of nobody's who steer it, and on somebody's screen all the same. */
export type TrainersPart = "owner" | "co_trainer" | "watching";

export interface PersonAtWork {
  id: string;
  /** Null: not known on this device, or they have left the school. */
  name: string | null;
  part: TrainersPart;
  isMe: boolean;
  /** They have the session on a screen. */
  isHere: boolean;
}

/** Who steers a session, the owner first, and behind them who else looks at it. */
export function trainersOf(given: {
  session: Pick<Session, "trainer_id" | "co_trainer_ids">;
  colleagues: readonly KnownColleague[];
  /** As told; of whoever is there alone nothing is. */
  watching: readonly string[];
  me: Pick<Trainer, "id" | "name">;
}): PersonAtWork[] {
  const { session, colleagues, watching, me } = given;
  const names = new Map([...colleagues.map((one) => [one.id, one.name] as const), [me.id, me.name] as const]);
  const person = (id: string, part: TrainersPart): PersonAtWork => ({
    id, part, name: names.get(id) ?? null, isMe: id === me.id, isHere: id === me.id || watching.includes(id),
  }); // prettier-ignore
  const steering = new Set([session.trainer_id, ...session.co_trainer_ids]);
  // Everybody at the school is known; a stranger among them is news from before the log.
  const others = [...new Set([me.id, ...watching])].filter((id) => !steering.has(id) && names.has(id));
  return [
    person(session.trainer_id, "owner"),
    ...session.co_trainer_ids.filter((id) => id !== session.trainer_id).map((id) => person(id, "co_trainer")),
    ...others.map((id) => person(id, "watching")),
  ];
}

/** Whom one may invite: who may steer at all, and does not yet. */
export function invitable(session: Pick<Session, "trainer_id" | "co_trainer_ids">, colleagues: readonly KnownColleague[]): KnownColleague[] {
  const steering = new Set([session.trainer_id, ...session.co_trainer_ids]);
  return colleagues.filter(({ id, role }) => role !== "observer" && !steering.has(id));
}

/** What has just changed for whoever has the room open, by somebody else's hand. */
export type Turn = "let_in" | "let_off" | null;

export function turnOf(before: Relation | null, now: Relation | null): Turn {
  if (before === "trainer" && now === "co_trainer") return "let_in";
  return before === "co_trainer" && now === "trainer" ? "let_off" : null;
}
