import type { Debrief } from "./types";

/** What the server makes of a record (GET /sessions/{id}/debrief), in the parts that the screens read. */

export type ServerMomentKind =
  | "opened" | "rhythm" | "step" | "arrest" | "arrest_end" | "news2_5" | "news2_7"
  | "silence" | "cuff" | "sensor_off" | "bookmark" | "end"; // prettier-ignore

export interface ServerMoment {
  at: string;
  seq: number;
  kind: ServerMomentKind;
  text_key: string;
  details: Readonly<Record<string, unknown>>;
  is_hidden: boolean;
  title: string | null;
}

export interface KeyTime {
  marker: string;
  from: string;
  seconds: number | null;
  target_seconds: number | null;
  is_met: boolean | null;
}

export interface Resuscitation {
  onset_seq: number;
  onset_at: string;
  end_at: string;
  end: "rosc" | "case_end";
  shocks: { at: string }[];
}

export interface Newscore {
  at: string;
  total: number | null;
  band: "low" | "low_medium" | "medium" | "high" | null;
  missing: string[];
}

export type WholeDebrief = Debrief & {
  moments?: ServerMoment[];
  times?: KeyTime[];
  resuscitation?: Resuscitation[];
  news2?: Newscore[];
};

export interface MomentChange {
  is_hidden?: boolean;
  title?: string | null;
}
