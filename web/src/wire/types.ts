/** What the server says and takes, as in its OpenAPI and AsyncAPI documents. Times are RFC 3339 texts in UTC. */

export type SignName =
  | "heart_rate"
  | "systolic"
  | "diastolic"
  | "spo2"
  | "respiratory_rate"
  | "etco2"
  | "temperature";

export type Rhythm =
  | "sinus"
  | "atrial_fibrillation"
  | "atrial_flutter"
  | "svt"
  | "av_block_1"
  | "av_block_2_wenckebach"
  | "av_block_2_mobitz"
  | "av_block_3"
  | "junctional"
  | "idioventricular"
  | "ventricular_tachycardia"
  | "torsades"
  | "ventricular_fibrillation"
  | "ventricular_fibrillation_fine"
  | "asystole"
  | "stemi"
  | "paced"
  | "pvc_bigeminy";

export type FlagValue = boolean | string;
export type Signs = Record<SignName, number>;

export interface Ramp {
  from: number;
  started_at: string;
  seconds: number;
}

/** The plain numbers are targets; `ramps` names those that still move, on the server's clock. */
export interface LastValues extends Signs {
  rhythm: Rhythm;
  flags: Record<string, FlagValue>;
  ramps: Partial<Record<SignName, Ramp>>;
}

/** What a push changes; a flag set to null is removed. */
export interface VitalsPatch {
  vitals?: Partial<Signs>;
  rhythm?: Rhythm;
  flags?: Record<string, FlagValue | null>;
  ramp_seconds?: number;
}

export type LimitName = SignName | "mean";
export interface Limit {
  low: number | null;
  high: number | null;
}
export type Limits = Record<LimitName, Limit>;

export type CloseReason = "closed" | "expired";

export interface PublicSession {
  id: string;
  code: string;
  title: string;
  trainee_name: string | null;
  expires_at: string;
  closed_at: string | null;
  close_reason: CloseReason | null;
  last_values: LastValues;
  last_seq: number;
  limits: Limits;
}

export interface Session extends Omit<PublicSession, "limits"> {
  trainer_id: string;
  school_id: string;
  template_id: string | null;
  created_at: string;
  updated_at: string;
  version: number;
}

export interface SessionSummary extends Session {
  event_count: number;
  trainee_count: number;
}

export type EventKind = "vitals" | "note" | "action" | "lifecycle";

export interface SessionEvent extends Record<SignName, number | null> {
  id: string;
  session_id: string;
  seq: number;
  kind: EventKind;
  created_at: string;
  by: { role: "trainer" | "trainee" | "system"; id: string | null; name: string };
  rhythm: Rhythm | null;
  flags: Record<string, FlagValue | null> | null;
  ramp_seconds: number | null;
  text: string | null;
  details: Record<string, unknown> | null;
}

export interface Trainee {
  seat_id: string;
  name: string;
  connected: boolean;
  joined_at: string;
}

export interface TemplateStep {
  title: string;
  at_seconds: number | null;
  ramp_seconds: number;
  vitals: Partial<Signs>;
  rhythm: Rhythm | null;
  flags: Record<string, FlagValue | null>;
  note: string | null;
}

export interface Template {
  id: string;
  school_id: string;
  title: string;
  description: string;
  vitals: Partial<Signs>;
  rhythm: Rhythm | null;
  flags: Record<string, FlagValue>;
  steps: TemplateStep[];
  limits: Limits;
  checklist: string[];
  created_at: string;
  updated_at: string;
  deleted_at: string | null;
  version: number;
}

export interface Trainer {
  id: string;
  school_id: string;
  email: string;
  name: string;
  role: "admin" | "trainer" | "observer";
}

export interface FieldError {
  field: string;
  message: string;
}

/** A refusal, over HTTP or in an ack. `network` is ours: nothing came back. */
/** Of the server. `public_url` is what it was told to say; the others are what devices on its network may try. */
export interface Addresses {
  public_url: string | null;
  network_urls: string[];
}

export interface Refusal {
  code: string;
  detail: string;
  errors?: FieldError[];
  retry_after?: number;
}

export type Ack<T = object> = ({ ok: true } & T) | { ok: false; error: Refusal };

export interface VitalsPushed {
  session_id: string;
  seq: number | null;
  at: string;
  last_values: LastValues;
  provisional?: boolean;
}

export interface SessionJoined {
  session: PublicSession;
  seat: { id: string; token: string; name: string };
  server_time: string;
}
