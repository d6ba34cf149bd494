import type { AttendanceSpan, SeatAttendance, Trainee } from "../../../wire/types";

/**
 * `here` and `away`: they have a seat in a session that runs. `removed`: the seat was taken away.
 * `over`: nobody is there after the end. `unknown`: the server has not told yet who is there.
 */
export type PresenceState = "here" | "away" | "removed" | "over" | "unknown";

/** One who is or was in a session. Times are milliseconds of the server's clock. */
export interface Person {
  seat_id: string;
  name: string;
  state: PresenceState;
  /** When they came (`here`) or left (`away`, `removed`); null: not known. */
  since: number | null;
  /** When they were there; null as an end: they still are. */
  spans: { from: number; until: number | null }[];
}

export interface WhatIsKnown {
  /** As told live; null: not told yet. */
  trainees: readonly Trainee[] | null;
  /** As last read; null: never read. */
  attendance: readonly SeatAttendance[] | null;
  /** Of the session; null while it runs. */
  endedAt: number | null;
}

/** Those who are there first, then who dropped out, then who was removed; within each as they came. */
export function peopleOf({ trainees, attendance, endedAt }: WhatIsKnown): Person[] {
  const seated = new Map((trainees ?? []).map((one) => [one.seat_id, one]));
  const attended = new Map((attendance ?? []).map((one) => [one.seat_id, one]));
  const ids = [...new Set([...attended.keys(), ...seated.keys()])];
  return ids
    .map((id): Person => {
      const [trainee, seat] = [seated.get(id), attended.get(id)];
      const spans = (seat?.spans ?? []).map((span) => spanUntil(span, endedAt));
      const state = stateOf(trainee, trainees !== null, endedAt !== null);
      // What was told before the end may name somebody whose name has gone out of the record since.
      const name = (endedAt === null ? (trainee?.name ?? seat?.name) : (seat?.name ?? trainee?.name)) ?? "";
      return { seat_id: id, name, state, since: sinceOf(state, spans, trainee), spans };
    })
    .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}

const ORDER: readonly PresenceState[] = ["here", "away", "unknown", "removed", "over"];

function stateOf(trainee: Trainee | undefined, isTold: boolean, isOver: boolean): PresenceState {
  if (isOver) return "over";
  if (!isTold) return "unknown";
  if (trainee === undefined) return "removed";
  return trainee.connected ? "here" : "away";
}

/** What was read before the end may say that somebody is still there. */
function spanUntil({ joined_at, left_at }: AttendanceSpan, endedAt: number | null): Person["spans"][number] {
  return { from: Date.parse(joined_at), until: left_at === null ? endedAt : Date.parse(left_at) };
}

/** What was read may be a moment older than what was told: then it is not known. */
function sinceOf(state: PresenceState, spans: Person["spans"], trainee: Trainee | undefined): number | null {
  const last = spans.at(-1);
  switch (state) {
    case "here":
      if (last === undefined) return trainee === undefined ? null : Date.parse(trainee.joined_at);
      return last.until === null ? last.from : null;
    case "away":
    case "removed":
      return last?.until ?? null;
    case "over":
    case "unknown":
      return null;
  }
}
