import type { Relation } from "../../../device/permissions";
import type { Turn } from "../people/trainers";
import type { Session, SessionEvent } from "../../../wire/types";

export type HomeHall = NonNullable<Session["hall"]>;

/** What somebody is told of their part in a session; null: it is theirs, and nobody has joined in. */
export type Standing =
  | { kind: "over" }
  /** It runs in a hall; `mayTakeOver`: an admin may make this server its home, if the hall is lost. */
  | { kind: "elsewhere"; hall: HomeHall; mayTakeOver: boolean }
  | { kind: "observer" }
  /** A colleague's session: they may take the controls; `isLetOff`: they had them until a moment ago. */
  | { kind: "colleague"; isLetOff: boolean }
  /** They were invited to steer a colleague's session, a moment ago. */
  | { kind: "let_in" }
  /** Somebody else steers, too, since that event. */
  | { kind: "shared"; taken: SessionEvent }
  | null;

export function standingOf(given: {
  relation: Relation | null;
  isOver: boolean;
  myId: string;
  events: readonly SessionEvent[];
  hall: HomeHall | null;
  turn?: Turn;
}): Standing {
  if (given.isOver) return { kind: "over" };
  if (given.hall !== null && given.relation !== null)
    return { kind: "elsewhere", hall: given.hall, mayTakeOver: given.relation === "admin" };
  switch (given.relation) {
    case null:
      return null;
    case "observer":
      return { kind: "observer" };
    case "trainer":
      return { kind: "colleague", isLetOff: given.turn === "let_off" };
    case "owner":
    case "co_trainer":
    case "admin": {
      if (given.turn === "let_in") return { kind: "let_in" };
      const taken = given.events.findLast((event) => isTaking(event) && event.by.id !== given.myId);
      return taken === undefined ? null : { kind: "shared", taken };
    }
  }
}

/** As the record names the trainer whose session it is; null: they have done nothing in it yet. */
export function ownerName(trainerId: string, events: readonly SessionEvent[]): string | null {
  return events.findLast((event) => event.by.role === "trainer" && event.by.id === trainerId)?.by.name ?? null;
}

function isTaking(event: SessionEvent): boolean {
  return event.kind === "case" && event.details?.["action"] === "controls_taken";
}
