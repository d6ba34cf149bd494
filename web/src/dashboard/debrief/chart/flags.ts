import type { RecordLine } from "../../room/record/record";
import { inOrderMade } from "../../room/record/record";

/** A step that was played or something that was marked: its number stands on the chart and in the table. */
export interface NumberedFlag {
  number: number;
  at: number;
  kind: "step" | "marker";
  line: RecordLine;
}

/** What happened stands when it was made; a step where its curve moves. */
export function numberedFlags(lines: readonly RecordLine[]): NumberedFlag[] {
  return inOrderMade(lines)
    .flatMap((line): Omit<NumberedFlag, "number">[] => {
      if (line.step !== null) return [{ at: line.stored_at, kind: "step", line }];
      const isMarked = line.kind === "note" || line.action === "marker";
      return isMarked ? [{ at: line.at, kind: "marker", line }] : [];
    })
    .sort((a, b) => a.at - b.at)
    .map((flag, place) => ({ ...flag, number: place + 1 }));
}

export interface DrawnFlag {
  x: number;
  kind: NumberedFlag["kind"];
  flags: readonly NumberedFlag[];
}

/** Those that would stand on each other stand together. */
export function apart(flags: readonly NumberedFlag[], x: (at: number) => number, least: number): DrawnFlag[] {
  const drawn: { x: number; kind: NumberedFlag["kind"]; flags: NumberedFlag[] }[] = [];
  for (const flag of flags) {
    const place = x(flag.at);
    const before = drawn.at(-1);
    if (before !== undefined && place - before.x < least) before.flags.push(flag);
    else drawn.push({ x: place, kind: flag.kind, flags: [flag] });
  }
  return drawn;
}
