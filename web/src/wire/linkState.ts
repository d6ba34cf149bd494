/** How far a connection is, as a fold of what happened to it. No timer, no socket: connection.ts has them. */

export type Transport = "websocket" | "polling";

/**
 * - `off`: it is not wanted, or the server has said why it will not have us.
 * - `connecting`: a try is under way.
 * - `open`: the server let us in. `silent`: it did, and nothing has come from it for longer than it may be quiet.
 * - `waiting`: for the next try.
 */
export type LinkPhase = "off" | "connecting" | "open" | "silent" | "waiting";

export interface LinkState {
  phase: LinkPhase;
  /** In which order the next try goes through them. */
  transports: readonly Transport[];
  /** While it waits: milliseconds until the next try. */
  pause: number;
}

export type LinkHappening =
  /** It is wanted, now: no pause holds. */
  | { kind: "wanted" }
  | { kind: "unwanted" }
  | { kind: "opened" }
  /** Anything came from the server. */
  | { kind: "heard" }
  | { kind: "quiet" }
  /** The try did not get through, or what was open has broken. */
  | { kind: "broken"; pause: number }
  /** The try was neither refused nor let in: something on the way lets this transport pass, and nothing over it. */
  | { kind: "unanswered"; pause: number }
  /** The server cut it or would not let us in. `comesBack`: whether to ask again by itself. */
  | { kind: "refused"; comesBack: boolean; pause: number }
  /** The pause is over, or is cut short. */
  | { kind: "due" };

export const UNLINKED: LinkState = { phase: "off", transports: ["websocket", "polling"], pause: 0 };

export function reduceLink(state: LinkState, happening: LinkHappening): LinkState {
  const { phase } = state;
  switch (happening.kind) {
    case "wanted":
      return phase === "off" || phase === "waiting" ? { ...state, phase: "connecting" } : state;
    case "unwanted":
      return { ...state, phase: "off" };
    case "opened":
      return phase === "connecting" ? { ...state, phase: "open" } : state;
    case "heard":
      return phase === "silent" ? { ...state, phase: "open" } : state;
    case "quiet":
      return phase === "open" ? { ...state, phase: "silent" } : state;
    case "broken":
      return phase === "off" ? state : { ...state, phase: "waiting", pause: happening.pause };
    case "unanswered": {
      if (phase !== "connecting") return state;
      return { phase: "waiting", pause: happening.pause, transports: [...state.transports].reverse() };
    }
    case "refused":
      if (phase === "off") return state;
      return { ...state, phase: happening.comesBack ? "waiting" : "off", pause: happening.pause };
    case "due":
      return phase === "waiting" ? { ...state, phase: "connecting" } : state;
  }
}
