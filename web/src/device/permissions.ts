import { PERMISSIONS } from "../generated/catalogue";
import type { Session, Trainer } from "../wire/types";
import type { MutationKind } from "./outbox/entry";

/** The server's table of who may do what, asked for a trainer of this device. The server judges by the same. */

export type PermittedAction = keyof typeof PERMISSIONS;
export type Relation = Exclude<(typeof PERMISSIONS)[PermittedAction][number], "trainee">;

/** What of a session decides who may do what in it. */
export type Steered = Pick<Session, "school_id" | "trainer_id" | "co_trainer_ids">;

/** Null: nothing at all, another school's. The role comes first: an owner who is an observer by now watches. */
export function relationTo(session: Steered, me: Trainer): Relation | null {
  if (me.school_id !== session.school_id) return null;
  if (me.role !== "trainer") return me.role;
  if (me.id === session.trainer_id) return "owner";
  return session.co_trainer_ids.includes(me.id) ? "co_trainer" : "trainer";
}

export function may(action: PermittedAction, session: Steered, me: Trainer): boolean {
  const relation = relationTo(session, me);
  return relation !== null && isGranted(action, relation);
}

/** Outside of any session. */
export function mayInSchool(action: PermittedAction, me: Trainer): boolean {
  return isGranted(action, me.role);
}

/** What a change asks for. */
const ASKS_FOR = {
  "session:open": "open_session",
  "session:close": "close_session",
  "vitals:push": "push_vitals",
  "note:add": "add_note",
  "action:take": "take_action",
  "annotation:add": "annotate",
  "annotation:change": "annotate",
  "annotation:remove": "annotate",
  "scores:put": "score",
  "case:control": "run_case",
} as const satisfies Record<MutationKind, PermittedAction>;

/** `session`: as this device knows it; of one that it does not know only the server can say. */
export function mayMake(kind: MutationKind, session: Steered | undefined, me: Trainer): boolean {
  if (kind === "session:open") return mayInSchool(ASKS_FOR[kind], me);
  return session === undefined || may(ASKS_FOR[kind], session, me);
}

function isGranted(action: PermittedAction, relation: Relation): boolean {
  const granted: readonly string[] = PERMISSIONS[action];
  return granted.includes(relation);
}
