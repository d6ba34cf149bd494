import { fold, pause, resume } from "../../patient/fold";
import { act } from "../../patient/nibp";
import { patchOfEvent } from "../../patient/patches";
import type { Figures, Reflection, Scores, ScoreSheet } from "../../wire/beside";
import type { Annotation, LastValues, SeatAttendance, Session, SessionEvent, SessionSummary, VitalsPushed } from "../../wire/types";
import type { StoredSession } from "../database/schema";

/**
 * What the server tells, merged into what is stored of a session. Messages come late, twice and out of
 * order; own fields are kept by `version`, values by `seq`, and nothing ever goes back.
 */

export function mergeSession(
  stored: StoredSession | undefined,
  told: Session | SessionSummary,
): StoredSession {
  const counts = "event_count" in told ? told : { event_count: told.last_seq, trainee_count: stored?.trainee_count ?? null };
  if (stored === undefined || stored.code === null)
    return {
      ...told,
      event_count: counts.event_count,
      trainee_count: counts.trainee_count,
      attendance: stored?.attendance ?? null,
      annotations: stored?.annotations ?? [],
      scores: stored?.scores ?? null,
      reflections: stored?.reflections ?? null,
      figures: stored?.figures ?? null,
      logged: stored?.logged ?? 0,
      recorded_to: stored?.recorded_to ?? 0,
      ahead: [],
      watched_at: stored?.watched_at ?? null,
    };
  const own = told.version >= stored.version ? told : stored;
  const isNewer = told.last_seq >= stored.last_seq;
  return absorbAhead({
    ...stored,
    title: own.title,
    public_title: own.public_title,
    trainee_name: own.trainee_name,
    co_trainer_ids: own.co_trainer_ids,
    limits: own.limits,
    shows_conditions: own.shows_conditions,
    expires_at: own.expires_at,
    hall: homeOf(stored, told),
    clock_offset_ms: own.clock_offset_ms,
    closed_at: own.closed_at ?? stored.closed_at,
    close_reason: own.close_reason ?? stored.close_reason,
    lock: own.lock ?? null,
    names_out_at: own.names_out_at ?? null,
    ...(losesNames(stored, told) ? { recorded_to: 0, attendance: null, annotations: [], scores: null, reflections: null } : {}),
    version: own.version,
    updated_at: isNewer ? told.updated_at : stored.updated_at,
    ...stateOf(isNewer ? told.last_values : stored.last_values),
    last_seq: Math.max(told.last_seq, stored.last_seq),
    event_count: Math.max(counts.event_count, stored.event_count),
    trainee_count: counts.trainee_count,
  });
}

/**
 * Whether names went out of its record since it was stored: what is here of it has to go, and is read again. Whoever
 * stores the answer of `mergeSession` also deletes the events.
 */
export function losesNames(stored: StoredSession | undefined, told: Session): boolean {
  return stored !== undefined && (told.names_out_at ?? null) !== null && told.version > stored.version;
}

/** Its own version says where a session is at home; when its hall was heard of last moves without one. */
function homeOf(stored: StoredSession, told: Session): Session["hall"] {
  if (told.version !== stored.version) return (told.version > stored.version ? told : stored).hall;
  return (stored.hall?.heard_at ?? "") > (told.hall?.heard_at ?? "") ? stored.hall : told.hall;
}

/** The whole state after one push. Provisional ones (seq null) are not stored: they are no facts yet. */
export function mergePushed(stored: StoredSession, pushed: VitalsPushed): StoredSession {
  if (pushed.seq === null || pushed.seq <= stored.last_seq) return stored;
  return absorbAhead({
    ...stored,
    ...stateOf(pushed.last_values),
    last_seq: pushed.seq,
    updated_at: pushed.at,
    event_count: Math.max(stored.event_count, pushed.seq),
  });
}

export function mergeEvent(stored: StoredSession, event: SessionEvent): StoredSession {
  if (event.seq <= stored.last_seq || stored.ahead.some((known) => known.seq === event.seq)) return stored;
  const ahead = [...stored.ahead, event].sort((a, b) => a.seq - b.seq);
  return absorbAhead({ ...stored, ahead });
}

/** Of one annotation the newest version; a deleted one goes. */
export function mergeAnnotation(stored: StoredSession, annotation: Annotation): StoredSession {
  const known = stored.annotations ?? [];
  const before = known.find((one) => one.id === annotation.id);
  if (before !== undefined && before.version >= annotation.version) return stored;
  const others = known.filter((one) => one.id !== annotation.id);
  return { ...stored, annotations: annotation.deleted_at === null ? [...others, annotation] : others };
}

/**
 * What was read of what is kept beside the record: whole, and mostly the same as before. `known` is what was stored when
 * the reading began: what has been written here since stays, although the reading does not know of it.
 */
export function mergeBeside(stored: StoredSession, read: ReadBeside, known: KnownBeside): StoredSession {
  // Names went out of it meanwhile: what was read may hold them, and is read again.
  if ((stored.names_out_at ?? null) !== (known.names_out_at ?? null)) return stored;
  const annotations = annotationsAfter(stored.annotations ?? [], read.annotations, known.annotations ?? []);
  const isScored = JSON.stringify(stored.scores) !== JSON.stringify(known.scores);
  const now = { ...stored, ...read, annotations, scores: isScored ? stored.scores : (read.scores ?? stored.scores) };
  const told = (of: StoredSession) => JSON.stringify([of.attendance, of.annotations, of.scores, of.reflections, of.figures]);
  if (told(stored) === told(now)) return stored;
  return { ...now, trainee_count: stored.trainee_count ?? now.attendance?.length ?? null };
}

function annotationsAfter(stored: readonly Annotation[], read: readonly Annotation[], known: readonly Annotation[]): Annotation[] {
  const here = new Map(stored.map((one) => [one.id, one]));
  const before = new Set(known.map(({ id }) => id));
  const told = new Set(read.map(({ id }) => id));
  const newest = read.flatMap((one) => {
    const mine = here.get(one.id);
    if (mine === undefined) return before.has(one.id) ? [] : [one];
    return mine.version > one.version ? [mine] : [one];
  });
  return [...newest, ...stored.filter(({ id }) => !told.has(id) && !before.has(id))];
}

/** What people write beside the record, as it is stored here, and when names were last taken out. */
export type KnownBeside = Pick<StoredSession, "annotations" | "scores" | "names_out_at">;

/** What was read at once of what is kept beside the record: what people write, and, if it was asked for, the rest. */
export interface ReadBeside {
  annotations: Annotation[];
  /** Left out: the server knows none. */
  scores?: Scores;
  attendance?: SeatAttendance[];
  reflections?: Reflection[] | null;
  figures?: Figures | null;
}

/**
 * The differences of all sheets are the server's to tell: they are read next. `read`: all sheets as they were just before,
 * if this device had none. One sheet alone is not all of them: where no others are known, it is read with them next.
 */
export function mergeSheet(stored: StoredSession, sheet: ScoreSheet, read: Scores | null): StoredSession {
  const known = stored.scores ?? read;
  if (known === null) return stored;
  const { sheets, differences } = known;
  const isThere = sheets.some((one) => one.by.id === sheet.by.id);
  const all = isThere ? sheets.map((one) => (one.by.id === sheet.by.id ? sheet : one)) : [...sheets, sheet];
  return { ...stored, scores: { sheets: all, differences } };
}

/** Fold what stands ahead as far as there is no gap. */
function absorbAhead(stored: StoredSession): StoredSession {
  if (stored.ahead.length === 0) return stored;
  let session = { ...stored, ahead: stored.ahead.filter((event) => event.seq > stored.last_seq) };
  while (session.ahead[0]?.seq === session.last_seq + 1) {
    const [event, ...rest] = session.ahead as [SessionEvent, ...SessionEvent[]];
    session = {
      ...session,
      ...endTold(session, event),
      ...stateOf(foldEvent(session.last_values, event)),
      last_seq: event.seq,
      updated_at: event.created_at,
      event_count: Math.max(session.event_count, event.seq),
      ahead: rest,
    };
  }
  return session;
}

export function foldEvent(values: LastValues, event: SessionEvent): LastValues {
  const at = Date.parse(event.created_at);
  if (event.kind === "vitals") return fold(values, patchOfEvent(event), at);
  if (event.kind === "action") return act(values, event.text ?? "", event.details ?? {}, at);
  if (event.kind !== "case") return values;
  switch (event.details?.["action"]) {
    case "paused":
      return pause(values, at);
    case "resumed":
      return resume(values, at);
    default:
      return values;
  }
}

/** Since when a session is paused stands in its values, and in the session itself. */
function stateOf(last_values: LastValues): Pick<StoredSession, "last_values" | "paused_at"> {
  return { last_values, paused_at: last_values.paused_at ?? null };
}

/** The last event of a session says how it ended, also where only events are read. */
function endTold(session: StoredSession, event: SessionEvent): Partial<StoredSession> {
  const reason = event.kind === "lifecycle" ? event.details?.["reason"] : undefined;
  if (session.closed_at !== null || (reason !== "closed" && reason !== "expired")) return {};
  return { closed_at: event.created_at, close_reason: reason };
}
