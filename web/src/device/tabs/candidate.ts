import type { Timers } from "../../wire/timers";

export interface ElectionOptions {
  name: string;
  /** This tab's own id. */
  tab: string;
  /** Undefined outside of secure contexts. */
  locks: LockManager | undefined;
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null;
  timers: Timers;
  random: () => number;
  /** Called when this tab begins to lead. */
  gained(): void;
  /** Called when it no longer does: it withdrew, stepped aside, or was robbed. */
  lost(): void;
}

/**
 * A tab's part in the choice of the one that speaks with the server. It does not know what leading is for:
 * it calls `gained` and `lost`, and everything else is up to its owner.
 */
export interface Candidate {
  readonly isLeader: boolean;
  /** The leader does not answer (a browser froze its tab): lead in its place. */
  takeOver(): void;
  /** The page is being left, or put aside: let another lead, and stand again should it come back. */
  stepAside(): void;
  /** Stand no longer; another tab takes over at once. */
  withdraw(): void;
}
