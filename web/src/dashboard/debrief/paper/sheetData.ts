import type { Figures, ScoreSheet, Scores } from "../../../wire/beside";
import type { ChecklistItem } from "../../room/case/itemMarkers";
import type { Marker } from "../../room/record/curves";
import type { Track } from "../../room/record/track";
import type { ChartData } from "../chart/lanes";
import type { News2Step } from "../chart/news2Steps";
import type { Lasting } from "../chart/spans";

/** Of the chart, in its own units: it is as wide as the page. */
export const PAPER_WIDTH = 1000;

/** Everything that stands on a debriefing sheet, ready to be laid out: of a session on this device, or read by its link. */
export interface SheetData {
  title: string;
  /** Milliseconds since the epoch. */
  from: number;
  until: number;
  isOver: boolean;
  /** Name and value, as they stand at the head. */
  facts: readonly [string, string][];
  goal: string;
  /** Null: none are here, and whether there are any nobody has read on this device. */
  takeaways: readonly string[] | null;
  plus: readonly string[];
  delta: readonly string[];
  figures: Figures | null;
  highestNews2: Figures["highest_news2"];
  checklist: readonly DoneItem[];
  /** As the case says; null: it names none. */
  passPercent: number | null;
  /** Null: not here. */
  sheets: readonly ScoreSheet[] | null;
  differences: Scores["differences"];
  /** Null: not here. */
  course: PaperCourse | null;
  rows: readonly PaperRow[] | null;
  /** Null: whoever reads it by a link. */
  printedBy: string | null;
}

export interface DoneItem {
  item: ChecklistItem;
  /** By its marker. */
  at: number | null;
}

export interface PaperCourse {
  /** Its lanes are those of the screen. */
  chart: ChartData;
  marks: readonly PaperMark[];
  arrests: readonly Lasting[];
  news2: readonly News2Step[];
  /** As the team could know it. */
  news2Known: readonly News2Step[];
}

/** At the top of the chart; the number is that of its row in the record. */
export interface PaperMark {
  at: number;
  kind: Exclude<Marker["kind"], "push">;
  number: number | null;
}

/** A line of the record, as it is printed. */
export interface PaperRow {
  id: string;
  number: number | null;
  time: string;
  clock: string;
  heart_rate: string;
  pressure: string;
  spo2: string;
  respiratory_rate: string;
  etco2: string;
  temperature: string;
  words: string;
  who: string;
}

/** Of every sign that was shown at all, between what and what. */
export function rangesOf(track: Track): { name: keyof Track["values"]; low: number; high: number }[] {
  return (Object.keys(track.values) as (keyof Track["values"])[]).flatMap((name) => {
    const shown = track.values[name].filter((value) => value !== null);
    return shown.length === 0 ? [] : [{ name, low: Math.min(...shown), high: Math.max(...shown) }];
  });
}

/** In which of the lines above the chart each number stands so that none covers its neighbour; null: there is no room. */
export function stagger(places: readonly number[], apart: number, lines: number): (number | null)[] {
  const last = Array.from({ length: lines }, () => Number.NEGATIVE_INFINITY);
  return places.map((place) => {
    const line = last.findIndex((before) => place - before >= apart);
    if (line < 0) return null;
    last[line] = place;
    return line;
  });
}
