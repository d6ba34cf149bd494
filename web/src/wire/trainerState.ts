import type { Trainee, VitalsPushed } from "./types";

/**
 * What a trainer's connection tells of this moment, as a fold of what happened on it: of no use after a reload.
 * What the server has stored is not in it; that goes into the database (device/sync).
 */
export interface TrainerState {
  /** By session. */
  trainees: Readonly<Record<string, Trainee[]>>;
  /** By session: the ids of trainers who watch it, while they are several. */
  trainers: Readonly<Record<string, readonly string[]>>;
  /** By session: vitals that the server has relayed and not yet stored. */
  provisional: Readonly<Record<string, VitalsPushed>>;
}

export type TrainerHappening =
  | { kind: "trainees"; session_id: string; trainees: Trainee[] }
  | { kind: "trainers"; session_id: string; trainer_ids: readonly string[] }
  /** `seq` null: relayed. Otherwise it is stored, and on the screen as stored. */
  | { kind: "pushed"; message: VitalsPushed }
  /** A new snapshot of the session is on the screen: what was relayed before may never be stored. */
  | { kind: "reread"; session_id: string }
  | { kind: "lost" };

export const NOTHING_TOLD: TrainerState = { trainees: {}, trainers: {}, provisional: {} };

export function reduceTrainer(state: TrainerState, happening: TrainerHappening): TrainerState {
  switch (happening.kind) {
    case "trainees":
      return { ...state, trainees: { ...state.trainees, [happening.session_id]: happening.trainees } };
    case "trainers":
      return { ...state, trainers: { ...state.trainers, [happening.session_id]: happening.trainer_ids } };
    case "pushed":
      return afterPush(state, happening.message);
    case "reread":
      return without(state, happening.session_id);
    case "lost":
      if (Object.keys(state.provisional).length === 0 && Object.keys(state.trainers).length === 0) return state;
      return { ...state, trainers: {}, provisional: {} };
  }
}

/**
 * What was relayed stands until what is stored is as new: of several that wait, the stored ones come one by one,
 * and the screen must not run through them again.
 */
function afterPush(state: TrainerState, message: VitalsPushed): TrainerState {
  const before = state.provisional[message.session_id];
  if (before !== undefined && before.at > message.at) return state;
  if (message.seq !== null) return without(state, message.session_id);
  return { ...state, provisional: { ...state.provisional, [message.session_id]: message } };
}

function without(state: TrainerState, sessionId: string): TrainerState {
  if (!(sessionId in state.provisional)) return state;
  const { [sessionId]: _, ...provisional } = state.provisional;
  return { ...state, provisional };
}
