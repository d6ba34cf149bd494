import { BOUNDS } from "../generated/catalogue";
import type { MomentChange, ServerMomentKind } from "./debrief";
import { knownCode, type Refusal, type KnownCode } from "./refusals";
import type { OpenShare, Scores, ScoreSheet, Share } from "./beside";
import type { OpenConflict, SentAnswer, SentEdit, SyncAsker, SyncCall, SyncDevice, SyncPage } from "./sync";
import type {
  AddedAssignment,
  AddedHall,
  Addresses,
  Annotation,
  Assignment,
  AssignmentDraft,
  AuditEntry,
  AuditSubject,
  Case,
  Colleague,
  Debrief,
  DebriefView,
  Due,
  Comparison,
  FieldError,
  FoundInvitation,
  ImportedCases,
  ImportEntry,
  Hall,
  HallTrainers,
  Invitation,
  Invited,
  NewFork,
  OwnLogin,
  FreeText,
  KeptMonths,
  DecidedMonths,
  Role,
  Session,
  SessionEvent,
  SessionSummary,
  Trainer,
  Try,
  Upstream,
} from "./types";

export type Result<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

/** What is left out is not asked for. */
/** Moments, or "" for an open end. */
export interface ComparisonQuery {
  template_id: string;
  from: string;
  to: string;
}

export interface AuditQuery {
  by?: string;
  about?: AuditSubject;
}

export interface NewAccount {
  email: string;
  name: string;
  role: Role;
}

export interface NewSchool {
  school: string;
  name: string;
  email: string;
  password: string;
}

export interface ListPage<T> {
  items: T[];
  next_cursor: string | null;
}

export interface ApiOptions {
  /** Empty for the server that this page came from. */
  base?: string;
  fetch: typeof fetch;
  timeoutMs?: number;
  /** The browser may keep no cookie: the token of a login is held here, as long as the page, and shown instead. */
  holdsToken?: boolean;
}

/** A download that the page itself has fetched. */
export interface DownloadedFile {
  name: string;
  content: Blob;
}

const TIMEOUT_MS = 15_000;
const FILE_TIMEOUT_MS = 60_000;
export const LARGEST_PAGE = BOUNDS.page_items;

/**
 * The HTTP API of the server, by the cookie that a login sets. Every call is answered, never thrown.
 */
export class Api {
  readonly #options: ApiOptions;
  #token: string | null = null;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /** Of the last login here; null where the cookie is enough. */
  get token(): string | null {
    return this.#token;
  }

  login(email: string, password: string): Promise<Result<{ trainer: Trainer }>> {
    return this.#call("POST", "/auth/login", { body: { email, password } });
  }

  async logout(): Promise<Result<null>> {
    const answer = await this.#call<null>("POST", "/auth/logout");
    if (answer.ok || answer.refusal.code === "unauthenticated") this.#token = null;
    return answer;
  }

  me(): Promise<Result<Trainer>> {
    return this.#call("GET", "/me");
  }

  addresses(): Promise<Result<Addresses>> {
    return this.#call("GET", "/addresses");
  }

  /** Null from a server that is no hall. */
  upstream(): Promise<Result<Upstream | null>> {
    return this.#call("GET", "/upstream");
  }

  hurryUpstream(): Promise<Result<Upstream>> {
    return this.#call("POST", "/upstream/now");
  }

  sessions(status: "open", cursor: string | null): Promise<Result<ListPage<SessionSummary>>> {
    return this.#call("GET", `/sessions?${pageQuery({ status }, cursor)}`);
  }

  session(id: string): Promise<Result<Session>> {
    return this.#call("GET", `/sessions/${id}`);
  }

  /** Never changes: once is enough. */
  caseOf(sessionId: string): Promise<Result<Case>> {
    return this.#call("GET", `/sessions/${sessionId}/case`);
  }

  events(sessionId: string, after: number): Promise<Result<{ items: SessionEvent[]; last_seq: number }>> {
    return this.#call("GET", `/sessions/${sessionId}/events?after=${after}&limit=${LARGEST_PAGE}`);
  }

  /** `copy`: for this device to keep, and nobody looks at it now. */
  debrief(sessionId: string, purpose: "read" | "copy" = "read"): Promise<Result<Debrief>> {
    return this.#call("GET", `/sessions/${sessionId}/debrief${purpose === "copy" ? "?purpose=copy" : ""}`);
  }

  changeMoment(sessionId: string, seq: number, kind: ServerMomentKind, change: MomentChange): Promise<Result<unknown>> {
    return this.#call("PATCH", `/sessions/${sessionId}/moments/${seq}/${kind}`, { body: change });
  }

  annotations(sessionId: string, cursor: string | null): Promise<Result<ListPage<Annotation>>> {
    return this.#call("GET", `/sessions/${sessionId}/annotations?${pageQuery({}, cursor)}`);
  }

  annotate(sessionId: string, body: object): Promise<Result<Annotation>> {
    return this.#call("POST", `/sessions/${sessionId}/annotations`, { body });
  }

  changeAnnotation(sessionId: string, id: string, change: object): Promise<Result<Annotation>> {
    return this.#call("PATCH", `/sessions/${sessionId}/annotations/${id}`, { body: change });
  }

  /** Its tombstone. */
  removeAnnotation(sessionId: string, id: string): Promise<Result<Annotation>> {
    return this.#call("DELETE", `/sessions/${sessionId}/annotations/${id}`);
  }

  scores(sessionId: string): Promise<Result<Scores>> {
    return this.#call("GET", `/sessions/${sessionId}/scores`);
  }

  /** One's own, whole. */
  putScores(sessionId: string, sheet: object): Promise<Result<ScoreSheet>> {
    return this.#call("PUT", `/sessions/${sessionId}/scores`, { body: sheet });
  }

  share(sessionId: string, days: number): Promise<Result<Share>> {
    return this.#call("POST", `/sessions/${sessionId}/share`, { body: { days } });
  }

  /** Not in pages. */
  openShares(sessionId: string): Promise<Result<{ items: OpenShare[] }>> {
    return this.#call("GET", `/sessions/${sessionId}/share`);
  }

  /** All of them. */
  endShare(sessionId: string): Promise<Result<object>> {
    return this.#call("DELETE", `/sessions/${sessionId}/share`);
  }

  takeControls(sessionId: string): Promise<Result<Session>> {
    return this.#call("POST", `/sessions/${sessionId}/controls`);
  }

  /** A session that goes on from a moment of that one's record; the same id again: the same session. */
  fork(sessionId: string, body: NewFork): Promise<Result<Session>> {
    return this.#call("POST", `/sessions/${sessionId}/fork`, { body });
  }

  openSession(body: object): Promise<Result<Session>> {
    return this.#call("POST", "/sessions", { body });
  }

  closeSession(id: string): Promise<Result<Session>> {
    return this.#call("POST", `/sessions/${id}/close`);
  }

  /** A note made before the end and sent after it is no event any more: it is kept as an annotation. */
  record(sessionId: string, body: object): Promise<Result<SessionEvent | Annotation>> {
    return this.#call("POST", `/sessions/${sessionId}/events`, { body });
  }

  /** Null: nothing had to be recorded for it to be so. */
  controlCase(sessionId: string, body: object): Promise<Result<SessionEvent | null>> {
    return this.#call("POST", `/sessions/${sessionId}/events`, { body: { ...body, kind: "case" } });
  }

  /** What of the school's cases, sessions and trainers has changed since the last time. */
  changes(asker: SyncAsker): Promise<Result<SyncPage>> {
    return this.#call("POST", "/sync/down", { base: "/api", body: { ...asker, entityTypes: ["TEMPLATE", "SESSION", "TRAINER"] } });
  }

  sendEdits(asker: SyncAsker, events: readonly SentEdit[]): Promise<Result<SentAnswer>> {
    return this.#call("POST", "/sync/up", { base: "/api", body: { ...asker, events } });
  }

  resolveConflict(id: string, choice: object): Promise<Result<object>> {
    return this.#call("POST", `/sync/conflicts/${id}/resolve`, { base: "/api", body: choice });
  }

  /** Of the whole school, for its admins. */
  devices(): Promise<Result<ListPage<SyncDevice>>> {
    return this.#call("GET", "/sync/devices", { base: "/api" });
  }

  forgetDevice(clientId: string): Promise<Result<null>> {
    return this.#call("DELETE", `/sync/devices/${encodeURIComponent(clientId)}`, { base: "/api" });
  }

  /** Until `letDeviceIn` it may neither send nor fetch. */
  revokeDevice(clientId: string): Promise<Result<SyncDevice>> {
    return this.#call("POST", `/sync/devices/${encodeURIComponent(clientId)}/revocation`, { base: "/api" });
  }

  letDeviceIn(clientId: string): Promise<Result<SyncDevice>> {
    return this.#call("DELETE", `/sync/devices/${encodeURIComponent(clientId)}/revocation`, { base: "/api" });
  }

  /** The newest page. */
  deviceCalls(): Promise<Result<ListPage<SyncCall>>> {
    return this.#call("GET", "/sync/log?limit=50", { base: "/api" });
  }

  openConflicts(cursor: string | null = null): Promise<Result<ListPage<OpenConflict>>> {
    return this.#call("GET", `/sync/conflicts?${pageQuery({}, cursor)}`, { base: "/api" });
  }

  /** Not in pages: a school has a few. */
  halls(): Promise<Result<ListPage<Hall>>> {
    return this.#call("GET", "/halls");
  }

  addHall(name: string, trainers: HallTrainers): Promise<Result<AddedHall>> {
    return this.#call("POST", "/halls", { body: { name, trainers } });
  }

  revokeHall(id: string): Promise<Result<Hall>> {
    return this.#call("DELETE", `/halls/${id}`);
  }

  assignments(cursor: string | null): Promise<Result<ListPage<Assignment>>> {
    return this.#call("GET", `/assignments?${pageQuery({}, cursor)}`);
  }

  addAssignment(body: AssignmentDraft): Promise<Result<AddedAssignment>> {
    return this.#call("POST", "/assignments", { body });
  }

  withdrawAssignment(id: string): Promise<Result<Assignment>> {
    return this.#call("DELETE", `/assignments/${id}`);
  }

  triesOf(assignmentId: string, cursor: string | null): Promise<Result<ListPage<Try>>> {
    return this.#call("GET", `/assignments/${assignmentId}/tries?${pageQuery({}, cursor)}`);
  }

  comparison(query: ComparisonQuery): Promise<Result<Comparison>> {
    return this.#call("GET", `/comparison?${new URLSearchParams({ ...query }).toString()}`);
  }

  takeOver(sessionId: string): Promise<Result<Session>> {
    return this.#call("POST", `/sessions/${sessionId}/take-over`);
  }

  trainers(cursor: string | null): Promise<Result<ListPage<Trainer>>> {
    return this.#call("GET", `/trainers?${pageQuery({}, cursor)}`);
  }

  /** Names and roles, for everybody; `trainers` is for admins. */
  colleagues(cursor: string | null): Promise<Result<ListPage<Colleague>>> {
    return this.#call("GET", `/colleagues?${pageQuery({}, cursor)}`);
  }

  addTrainer(account: NewAccount & { password: string }): Promise<Result<Trainer>> {
    return this.#call("POST", "/trainers", { body: account });
  }

  /** A new role or password ends their logins. */
  changeTrainer(id: string, change: Partial<NewAccount & { password: string }>): Promise<Result<Trainer>> {
    return this.#call("PATCH", `/trainers/${id}`, { body: change });
  }

  removeTrainer(id: string): Promise<Result<Trainer>> {
    return this.#call("DELETE", `/trainers/${id}`);
  }

  invitations(cursor: string | null): Promise<Result<ListPage<Invitation>>> {
    return this.#call("GET", `/invitations?${pageQuery({}, cursor)}`);
  }

  invite(account: NewAccount): Promise<Result<Invited>> {
    return this.#call("POST", "/invitations", { body: account });
  }

  withdrawInvitation(id: string): Promise<Result<null>> {
    return this.#call("DELETE", `/invitations/${id}`);
  }

  findInvitation(token: string): Promise<Result<FoundInvitation>> {
    return this.#call("POST", "/invitations/find", { body: { token } });
  }

  /** A login, as the next one. */
  acceptInvitation(token: string, password: string): Promise<Result<{ trainer: Trainer }>> {
    return this.#call("POST", "/invitations/accept", { body: { token, password } });
  }

  makeFirstAdmin(token: string, made: NewSchool): Promise<Result<{ trainer: Trainer }>> {
    return this.#call("POST", "/first-admin", { body: { token, ...made } });
  }

  findFirstAdmin(token: string): Promise<Result<null>> {
    return this.#call("POST", "/first-admin/find", { body: { token } });
  }

  /** Every other login of the account ends. */
  changePassword(password: string, new_password: string): Promise<Result<null>> {
    return this.#call("POST", "/me/password", { body: { password, new_password } });
  }

  /** Not in pages. */
  logins(): Promise<Result<ListPage<OwnLogin>>> {
    return this.#call("GET", "/me/logins");
  }

  endLogin(id: string): Promise<Result<null>> {
    return this.#call("DELETE", `/me/logins/${id}`);
  }

  audit(query: AuditQuery, cursor: string | null): Promise<Result<ListPage<AuditEntry>>> {
    return this.#call("GET", `/audit?${pageQuery({ ...query }, cursor)}`);
  }

  retention(): Promise<Result<KeptMonths>> {
    return this.#call("GET", "/school/retention");
  }

  setRetention(body: DecidedMonths): Promise<Result<KeptMonths>> {
    return this.#call("PUT", "/school/retention", { body });
  }

  due(cursor: string | null): Promise<Result<ListPage<Due>>> {
    return this.#call("GET", `/school/due?${pageQuery({}, cursor)}`);
  }

  lockSession(id: string, reason: string): Promise<Result<Session>> {
    return this.#call("POST", `/sessions/${id}/lock`, { body: { reason } });
  }

  unlockSession(id: string): Promise<Result<Session>> {
    return this.#call("DELETE", `/sessions/${id}/lock`);
  }

  /** Every free text of an ended session, wherever it stands. */
  freeTexts(id: string): Promise<Result<{ texts: FreeText[] }>> {
    return this.#call("GET", `/sessions/${id}/names-out`);
  }

  /** `texts`: by the ids of free texts what is to stand there; null takes a text out. */
  takeNamesOut(id: string, texts: Record<string, string | null>): Promise<Result<Session>> {
    return this.#call("POST", `/sessions/${id}/names-out`, { body: { texts } });
  }

  viewed(sessionId: string, view: DebriefView): Promise<Result<null>> {
    return this.#call("POST", `/sessions/${sessionId}/views`, { body: { view } });
  }

  /** The file as it is; the server recognises it by what it holds, and stores nothing. */
  readCases(file: Blob): Promise<Result<ImportedCases>> {
    return this.#call("POST", "/templates/import", { file });
  }

  /** A file of the server's, by its whole path. Nothing for a while, at its beginning or in it, is too long. */
  async download(path: string, progress: (bytes: number) => void, stop: AbortSignal): Promise<Result<DownloadedFile>> {
    const patience = new AbortController();
    let alarm: ReturnType<typeof setTimeout> | undefined;
    const wait = () => {
      clearTimeout(alarm);
      alarm = setTimeout(() => patience.abort(), this.#options.timeoutMs ?? FILE_TIMEOUT_MS);
    };
    const giveUp = () => patience.abort();
    stop.addEventListener("abort", giveUp);
    try {
      wait();
      const response = await this.#options.fetch(`${this.#options.base ?? ""}${path}`, {
        method: "GET",
        headers: this.#token === null ? {} : { Authorization: `Bearer ${this.#token}` },
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error",
        signal: patience.signal,
      });
      const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1];
      // What is not named as a file is a refusal, or a hotspot's page.
      if (!response.ok || name === undefined) {
        const answer = await read<never>(response);
        return answer.ok ? refused("network", "Something else answered.") : answer;
      }
      const parts: Uint8Array<ArrayBuffer>[] = [];
      let bytes = 0;
      const reader = response.body?.getReader();
      patience.signal.addEventListener("abort", () => void reader?.cancel());
      for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
        wait();
        parts.push(part.value);
        progress((bytes += part.value.length));
      }
      patience.signal.throwIfAborted();
      const type = response.headers.get("content-type") ?? "application/octet-stream";
      return { ok: true, value: { name, content: new Blob(parts, { type }) } };
    } catch {
      if (patience.signal.aborted && !stop.aborted) return refused("timeout", "The server took too long to answer.");
      return refused("network", "The server cannot be reached.");
    } finally {
      clearTimeout(alarm);
      stop.removeEventListener("abort", giveUp);
    }
  }

  async #call<T>(
    method: string,
    path: string,
    sent: { body?: object; file?: Blob; base?: string } = {},
  ): Promise<Result<T>> {
    const patience = new AbortController();
    const usual = sent.file === undefined ? TIMEOUT_MS : FILE_TIMEOUT_MS;
    const alarm = setTimeout(() => patience.abort(), this.#options.timeoutMs ?? usual);
    try {
      const response = await this.#options.fetch(`${this.#options.base ?? ""}${sent.base ?? "/api/v1"}${path}`, {
        method,
        headers: {
          ...(sent.body === undefined ? {} : { "Content-Type": "application/json" }),
          ...(this.#token === null ? {} : { Authorization: `Bearer ${this.#token}` }),
        },
        body: sent.body === undefined ? (sent.file ?? null) : JSON.stringify(sent.body),
        credentials: "same-origin",
        cache: "no-store",
        // This API redirects nowhere: what does is a hotspot's login page.
        redirect: "error",
        signal: patience.signal,
      });
      return this.#hold(await read<T>(response));
    } catch {
      if (patience.signal.aborted) return refused("timeout", "The server took too long to answer.");
      return refused("network", "The server cannot be reached.");
    } finally {
      clearTimeout(alarm);
    }
  }

  #hold<T>(answer: Result<T>): Result<T> {
    if (this.#options.holdsToken !== true || !answer.ok) return answer;
    const token = (answer.value as { token?: unknown; trainer?: unknown } | null)?.token;
    const isLogin = typeof token === "string" && "trainer" in (answer.value as object);
    if (isLogin) this.#token = token;
    return answer;
  }
}

function pageQuery(query: Record<string, string>, cursor: string | null): string {
  const params = new URLSearchParams({ ...query, limit: String(LARGEST_PAGE) });
  if (cursor !== null) params.set("cursor", cursor);
  return params.toString();
}

/** All pages of a list. */
export async function wholeList<T>(
  readPage: (cursor: string | null) => Promise<Result<ListPage<T>>>,
): Promise<Result<T[]>> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const answer: Result<ListPage<T>> = await readPage(cursor);
    if (!answer.ok) return answer;
    items.push(...answer.value.items);
    cursor = answer.value.next_cursor;
  } while (cursor !== null);
  return { ok: true, value: items };
}

async function read<T>(response: Response): Promise<Result<T>> {
  if (response.status === 204) return { ok: true, value: null as T };
  const type = response.headers.get("content-type") ?? "";
  const text = await response.text();
  const parsed = /\bjson\b/.test(type) ? parse(text) : undefined;
  if (response.ok) {
    // A 200 in another language than ours is a hotspot's page, not an answer to a change.
    if (typeof parsed !== "object" || parsed === null) return refused("network", "Something else answered.");
    return { ok: true, value: parsed as T };
  }
  return { ok: false, refusal: refusalFrom(response, parsed) };
}

/** RFC 9457, or whatever a proxy said instead. */
function refusalFrom(response: Response, parsed: unknown): Refusal {
  const seconds = retryAfter(response.headers.get("retry-after"));
  const wait = seconds === null ? {} : { retry_after: seconds };
  const problem = (typeof parsed === "object" && parsed !== null ? parsed : {}) as Record<string, unknown>;
  if (typeof problem["code"] === "string") {
    return {
      code: knownCode(problem["code"]),
      detail: typeof problem["detail"] === "string" ? problem["detail"] : String(problem["title"] ?? ""),
      ...(Array.isArray(problem["errors"]) ? { errors: problem["errors"] as FieldError[] } : {}),
      ...(Array.isArray(problem["report"]) ? { report: problem["report"] as ImportEntry[] } : {}),
      ...wait,
    };
  }
  // Gateways whose server is away, and hotspots (511).
  if ([502, 503, 504, 511].includes(response.status))
    return { code: "network", detail: `Something on the way answered ${response.status}.`, ...wait };
  return { code: "strange_answer", detail: `${response.status} ${response.statusText}`.trim(), ...wait };
}

/** Seconds, from either form of the header. */
function retryAfter(header: string | null): number | null {
  if (header === null) return null;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(code: KnownCode, detail: string): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code, detail } };
}
