import type { Relation } from "../../device/permissions";
import type { CaseControl, LastValues, TemplateStep, VitalsPatch } from "../../wire/types";
import { isEmptyPatch } from "../../patient/patches";
import { NOTHING, patchOf, pressureTrouble, stage, type Staging } from "../room/sending/staging";

/** One thing done to several rooms at once, and what comes of it in each: said before it is done. */

export type Command =
  | { kind: "start" }
  | { kind: "pause" }
  | { kind: "resume" }
  | { kind: "step" }
  /** As they would be made one after the other in each room. */
  | { kind: "send"; changes: readonly Staging[]; ramp_seconds: number };
export type CommandKind = Command["kind"];

/** What of a room decides. */
export interface Steerable {
  id: string;
  relation: Relation | null;
  isOver: boolean;
  isElsewhere: boolean;
  values: LastValues;
  steps: readonly TemplateStep[];
  /** The place of the step that comes next; null: none. */
  next: number | null;
  isStarted: boolean;
  isPaused: boolean;
}

/** Why a room is left out. */
export type Reason =
  | "over"
  | "elsewhere"
  | "observer"
  | "colleague"
  | "started"
  | "paused"
  | "running"
  | "no_steps"
  | "through"
  | "same"
  | "pressure";

export type Deed =
  | { kind: "control"; action: CaseControl; step: TemplateStep | null }
  | { kind: "step"; step: TemplateStep; place: number }
  | { kind: "push"; patch: VitalsPatch };

export type Planned = { id: string } & ({ deed: Deed } | { reason: Reason });

export function plan(command: Command, rooms: readonly Steerable[]): Planned[] {
  return rooms.map((room) => {
    const judged = hindrance(room) ?? judge(command, room);
    return typeof judged === "string" ? { id: room.id, reason: judged } : { id: room.id, deed: judged };
  });
}

function hindrance({ isOver, isElsewhere, relation }: Steerable): Reason | null {
  if (isOver) return "over";
  if (isElsewhere) return "elsewhere";
  if (relation === "observer") return "observer";
  return relation === "trainer" || relation === null ? "colleague" : null;
}

function judge(command: Command, room: Steerable): Deed | Reason {
  switch (command.kind) {
    case "start":
      return room.isStarted ? "started" : { kind: "control", action: "start", step: room.steps[0] ?? null };
    case "pause":
      return room.isPaused ? "paused" : { kind: "control", action: "pause", step: null };
    case "resume":
      return room.isPaused ? { kind: "control", action: "resume", step: null } : "running";
    case "step":
      return stepIn(room);
    case "send":
      return changesIn(room, command);
  }
}

function stepIn({ steps, next }: Steerable): Deed | Reason {
  if (steps.length === 0) return "no_steps";
  const step = next === null ? undefined : steps[next];
  return step === undefined || next === null ? "through" : { kind: "step", step, place: next };
}

function changesIn({ values }: Steerable, { changes, ramp_seconds }: Extract<Command, { kind: "send" }>): Deed | Reason {
  const staged = changes.reduce((so_far, change) => stage(so_far, change, values), NOTHING);
  const patch = patchOf(staged, ramp_seconds);
  if (isEmptyPatch(patch)) return "same";
  return pressureTrouble(values, patch.vitals ?? {}) === null ? { kind: "push", patch } : "pressure";
}
