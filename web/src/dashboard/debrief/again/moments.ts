import type { RecordLine } from "../../room/record/record";

/** A moment of a record from which it can go on: that of an event. */
export interface AgainMoment {
  seq: number;
  at: number;
  line: RecordLine;
}

const MOST_MOMENTS = 20;

/**
 * Where a team may want to begin anew, the newest first: steps, changes of rhythm, what happened, and the beginning. Of
 * what only moved a number there would be too many.
 */
export function againMoments(lines: readonly RecordLine[]): AgainMoment[] {
  const moments = lines.flatMap((line): AgainMoment[] => {
    const seq = line.event?.seq;
    return seq === undefined || !(seq === 1 || isTurn(line)) ? [] : [{ seq, at: line.stored_at, line }];
  });
  const newest = moments.sort((a, b) => b.seq - a.seq);
  const [kept, first] = [newest.slice(0, MOST_MOMENTS), newest.at(-1)];
  return first === undefined || kept.includes(first) ? kept : [...kept, first];
}

/** What is mostly wanted: the step that was played last, from its beginning; else the newest. */
export function likeliest(moments: readonly AgainMoment[]): AgainMoment | null {
  return moments.find(({ line }) => line.step !== null) ?? moments[0] ?? null;
}

function isTurn(line: RecordLine): boolean {
  if (line.kind === "note") return line.marker !== null;
  return line.step !== null || line.patch?.rhythm !== undefined || "pulseless" in (line.patch?.flags ?? {});
}
