import { ADULT_LIMITS } from "../../../src/patient/signs";
import { fold, pause, resume } from "../../../src/patient/fold";
import { START_VALUES } from "../../../src/patient/signs";
import type { Scores, ScoreSheet } from "../../../src/wire/beside";
import type {
  Case,
  Refusal,
  KnownCode,
  Session,
  SessionEvent,
  Template,
  Trainer,
  VitalsPatch,
  VitalsPushed,
} from "../../../src/wire/types";
import { SchoolDouble } from "./school";

/** The server's promises that clients build on, in memory: the real one is met in real_server.test.ts. */

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly refusal: Refusal,
  ) {
    super(refusal.detail);
  }
}

const STATUSES: Partial<Record<KnownCode, number>> = {
  invalid_body: 400, unauthenticated: 401, forbidden: 403, not_found: 404, conflict: 409, session_closed: 410,
  version_mismatch: 412, too_large: 413, unsupported_media_type: 415, invalid_fields: 422, rate_limited: 429,
  internal_error: 500, storage_unavailable: 503,
}; // prettier-ignore

export function refused(code: KnownCode, extra: Partial<Refusal> = {}): Refused {
  return new Refused(STATUSES[code] ?? 500, { code, detail: `refused: ${code}`, ...extra });
}

export interface Watcher {
  sessionId: string;
  pushed(pushed: VitalsPushed): void;
  added(event: SessionEvent): void;
  session(session: Session): void;
}

export const ANNA: Trainer = trainer("11111111-1111-4111-8111-111111111111", "anna@example.org");
export const BERT: Trainer = trainer("22222222-2222-4222-8222-222222222222", "bert@example.org");

function trainer(id: string, email: string): Trainer {
  const [made, name] = ["2026-11-01T09:00:00.000Z", email.split("@")[0]!];
  return {
    id, school_id: "school", email, name, role: "trainer", created_at: made, updated_at: made, deleted_at: null, version: 1,
  }; // prettier-ignore
}

/** A request as it reached the server: `HTTP /sessions/…` or the name of a message. */
export interface Arrival {
  what: string;
  id: string | null;
  by: string | null;
  /** What it says of when it was made. */
  made_at?: unknown;
}

export class ServerDouble {
  readonly sessions = new Map<string, Session>();
  readonly events = new Map<string, SessionEvent>();
  readonly school = new SchoolDouble(this.sessions, (session) => void this.#tell(session));
  get templates(): Template[] {
    return this.school.templates;
  }

  readonly scores = new Map<string, ScoreSheet[]>();
  /** By session: its copy. */
  readonly cases = new Map<string, Case>();
  readonly trainers = [ANNA, BERT];
  readonly arrivals: Arrival[] = [];
  readonly watchers = new Set<Watcher>();
  /** Asked for every change before it has an effect; throws to refuse it. */
  judge: (arrival: Arrival) => void = () => {};

  record(by: Trainer, sessionId: string, body: Record<string, unknown>): SessionEvent {
    const id = String(body["id"]);
    this.#arrive(body["kind"] === "note" ? "note" : "vitals", id, by, body["made_at"]);
    const session = this.#session(sessionId);
    const known = this.events.get(id);
    if (known !== undefined) return known;
    if (session.closed_at !== null) throw refused("session_closed");
    const patch = body as VitalsPatch;
    const event = this.#event(session, by, id, body);
    const values = body["kind"] === "note" ? session.last_values : fold(session.last_values, patch, Date.now());
    if (values.diastolic > values.systolic)
      throw refused("invalid_fields", { errors: [{ field: "vitals.diastolic", message: "above systolic" }] });
    this.#store({ ...session, last_values: values, last_seq: event.seq, updated_at: event.created_at }, event);
    return event;
  }

  open(by: Trainer, body: Record<string, unknown>): Session {
    const id = String(body["id"]);
    this.#arrive("open", id, by);
    const known = this.sessions.get(id);
    if (known !== undefined) return known;
    const at = new Date().toISOString();
    const session: Session = {
      id,
      code: `CODE${this.sessions.size}`,
      title: String(body["title"] ?? ""),
      public_title: "",
      co_trainer_ids: [],
      limits: ADULT_LIMITS,
      shows_conditions: false,
      paused_at: null,
      forked_from: null,
      trainee_name: null,
      trainer_id: by.id,
      school_id: by.school_id,
      template_id: (body["template_id"] as string | undefined) ?? null,
      created_at: at,
      updated_at: at,
      expires_at: new Date(Date.now() + 14_400_000).toISOString(),
      closed_at: null,
      close_reason: null,
      last_values: START_VALUES,
      last_seq: 0,
      version: 1,
      hall: null,
      clock_offset_ms: null,
      lock: null,
      names_out_at: null,
    };
    this.sessions.set(id, session);
    const template = this.templates.find((one) => one.id === session.template_id);
    if (template !== undefined) this.cases.set(id, copyOf(template));
    return session;
  }

  caseOf(by: Trainer, id: string): Case {
    this.#arrive("case", id, by);
    this.#session(id);
    const none = { template_id: null, template_version: null, description: "", steps: [], checklist: [], targets: [], pass_percent: null };
    return this.cases.get(id) ?? none;
  }

  score(by: Trainer, sessionId: string, body: Record<string, unknown>): ScoreSheet {
    this.#arrive("score", null, by);
    this.#session(sessionId);
    const sheet = { by: { role: "trainer", id: by.id, name: by.name }, percent: 50, is_passed: false, ...body } as ScoreSheet;
    const others = this.scoresOf(sessionId).sheets.filter((one) => one.by.id !== by.id);
    this.scores.set(sessionId, [...others, sheet]);
    return sheet;
  }

  scoresOf(sessionId: string): Scores {
    return { sheets: this.scores.get(sessionId) ?? [], differences: [] };
  }

  /** The event that says so, also an earlier one. */
  control(by: Trainer, sessionId: string, body: Record<string, unknown>): SessionEvent {
    const id = String(body["id"]);
    this.#arrive("control", id, by, body["made_at"]);
    const session = this.#session(sessionId);
    const action = { start: "started", pause: "paused", resume: "resumed" }[String(body["action"])];
    const said = this.events.get(id) ?? this.eventsOf(sessionId).findLast((event) => event.details?.["action"] === action);
    if (said !== undefined && action === "started") return said;
    const event = this.#event(session, by, id, { ...body, kind: "case", details: { action } });
    const at = Date.parse(event.created_at);
    const values = session.last_values;
    const last_values = action === "paused" ? pause(values, at) : action === "resumed" ? resume(values, at) : values;
    this.#store({ ...session, last_values, paused_at: last_values.paused_at ?? null, last_seq: event.seq }, event);
    return event;
  }

  change(by: Trainer, id: string, body: Record<string, unknown>, version: number | null): Session {
    this.#arrive("change", id, by);
    const session = this.#session(id);
    if (session.closed_at !== null) throw refused("session_closed");
    if (version !== null && version !== session.version) throw refused("version_mismatch");
    return this.#tell({ ...session, ...body, version: session.version + 1 });
  }

  close(by: Trainer, id: string): Session {
    this.#arrive("close", id, by);
    const session = this.#session(id);
    if (session.closed_at !== null) return session;
    const event = this.#event(session, by, crypto.randomUUID(), { kind: "lifecycle", details: { reason: "closed" } });
    this.#store(
      {
        ...session,
        closed_at: event.created_at,
        close_reason: "closed",
        last_seq: event.seq,
        version: session.version + 1,
      },
      event,
    );
    return this.#tell(this.#session(id));
  }

  session(id: string): Session {
    return this.#session(id);
  }

  me(by: Trainer): Trainer {
    this.judge({ what: "me", id: null, by: by.id });
    return by;
  }

  eventsOf(sessionId: string, after = 0): SessionEvent[] {
    return [...this.events.values()]
      .filter((event) => event.session_id === sessionId && event.seq > after)
      .sort((a, b) => a.seq - b.seq);
  }

  #arrive(what: string, id: string | null, by: Trainer, made_at?: unknown): void {
    const arrival = { what, id, by: by.id, ...(made_at === undefined ? {} : { made_at }) };
    this.arrivals.push(arrival);
    this.judge(arrival);
  }

  #session(id: string): Session {
    const session = this.sessions.get(id);
    if (session === undefined) throw refused("not_found");
    return session;
  }

  #event(session: Session, by: Trainer, id: string, body: Record<string, unknown>): SessionEvent {
    const vitals = (body["vitals"] ?? {}) as Record<string, number>;
    const sign = (name: string) => vitals[name] ?? null;
    return {
      id,
      session_id: session.id,
      seq: session.last_seq + 1,
      kind: (body["kind"] as SessionEvent["kind"] | undefined) ?? "vitals",
      created_at: new Date().toISOString(),
      made_at: String(body["made_at"] ?? new Date().toISOString()),
      step: null,
      marker: null,
      by: { role: "trainer", id: by.id, name: by.name },
      heart_rate: sign("heart_rate"),
      systolic: sign("systolic"),
      diastolic: sign("diastolic"),
      spo2: sign("spo2"),
      respiratory_rate: sign("respiratory_rate"),
      etco2: sign("etco2"),
      temperature: sign("temperature"),
      rhythm: (body["rhythm"] as SessionEvent["rhythm"] | undefined) ?? null,
      flags: (body["flags"] as SessionEvent["flags"] | undefined) ?? null,
      ramp_seconds: Number(body["ramp_seconds"] ?? 0),
      text: (body["text"] as string | undefined) ?? null,
      details: (body["details"] as Record<string, unknown> | undefined) ?? null,
    };
  }

  #store(session: Session, event: SessionEvent): void {
    this.sessions.set(session.id, session);
    this.events.set(event.id, event);
    for (const watcher of this.#watchersOf(session.id)) {
      if (event.kind === "vitals")
        watcher.pushed({ session_id: session.id, seq: event.seq, at: event.created_at, last_values: session.last_values });
      watcher.added(event);
    }
  }

  #tell(session: Session): Session {
    this.sessions.set(session.id, session);
    for (const watcher of this.#watchersOf(session.id)) watcher.session(session);
    return session;
  }

  #watchersOf(sessionId: string): Watcher[] {
    return [...this.watchers].filter((watcher) => watcher.sessionId === sessionId);
  }
}

function copyOf({ id, version, description, steps, checklist, targets, pass_percent }: Template): Case {
  return { template_id: id, template_version: version, description, steps, checklist, targets, pass_percent };
}
