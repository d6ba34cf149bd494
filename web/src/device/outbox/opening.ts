import { fold } from "../../patient/fold";
import { ADULT_LIMITS, START_VALUES } from "../../patient/signs";
import type { Template, Trainer } from "../../wire/types";
import type { StoredCase, StoredSession } from "../database/schema";

/** What a person chooses when a session is opened. */
export interface NewSession {
  title?: string;
  /** What trainees read as the title; the template's if it is left out. */
  public_title?: string;
  trainee_name?: string;
  duration_minutes?: number;
  template_id?: string;
}

/** What is written down of a session when it is opened here, before the server knows of it. */
export interface OpenedHere {
  session: StoredSession;
  /** Of its template, if it has one. */
  itsCase: StoredCase | null;
}

/** The server's SESSION_MINUTES unless it is told otherwise; its answer corrects this. */
const DEFAULT_MINUTES = 240;

/** A session as it will be once the server has opened it; its code is the server's to give. */
export function openedSession(
  id: string,
  draft: NewSession,
  template: Template | undefined,
  trainer: Trainer,
  now: number,
): StoredSession {
  const at = new Date(now).toISOString();
  const start = template && {
    vitals: template.vitals,
    flags: template.flags,
    ...(template.rhythm === null ? {} : { rhythm: template.rhythm }),
  };
  return {
    id,
    code: null,
    title: draft.title?.trim() || template?.title || "",
    public_title: draft.public_title?.trim() ?? template?.public_title ?? "",
    trainee_name: draft.trainee_name?.trim() || null,
    trainer_id: trainer.id,
    co_trainer_ids: [],
    limits: template?.limits ?? ADULT_LIMITS,
    shows_conditions: false,
    paused_at: null,
    forked_from: null,
    school_id: trainer.school_id,
    template_id: template?.id ?? null,
    created_at: at,
    updated_at: at,
    expires_at: new Date(now + (draft.duration_minutes ?? template?.duration_minutes ?? DEFAULT_MINUTES) * 60_000).toISOString(),
    closed_at: null,
    close_reason: null,
    last_values: start === undefined ? START_VALUES : fold(START_VALUES, start, now),
    last_seq: 0,
    version: 0,
    hall: null,
    clock_offset_ms: null,
    lock: null,
    names_out_at: null,
    event_count: 0,
    trainee_count: 0,
    logged: 0,
    attendance: null,
    annotations: [],
    scores: null,
    reflections: null,
    figures: null,
    recorded_to: 0,
    ahead: [],
    watched_at: null,
  };
}

/** Shown until the server's own copy is there, which may be of a newer template. */
export function caseOfTemplate(sessionId: string, template: Template): StoredCase {
  const { id, version, description, steps, checklist, targets, pass_percent } = template;
  return {
    session_id: sessionId, is_copy: false, template_id: id, template_version: version, description, steps, checklist, targets,
    pass_percent,
  }; // prettier-ignore
}
