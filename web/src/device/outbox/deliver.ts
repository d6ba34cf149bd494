import type { Api, Result } from "../../wire/api";
import type { TrainerConnection } from "../../wire/trainerConnection";
import type { Scores } from "../../wire/beside";
import type { Annotation, Refusal, Session, SessionEvent, Trainer } from "../../wire/types";
import { mayMake, type Steered } from "../permissions";
import type { ServerFact } from "../sync/serverFacts";
import type { OutboxEntry } from "./entry";
import { sheetOnTop, sheetRead, type MadeSheet } from "./sheets";

/** The two ways to the server: the socket while there is one, HTTP otherwise. */
interface Ways {
  api: Api;
  socket: Pick<TrainerConnection, "isConnected" | "send">;
  /** Whose outbox it is, with the role of now. */
  me(): Trainer;
  /** A session as this device has it on the screen; no look into the database. */
  known(sessionId: string): Steered | undefined;
  /** Everybody's sheets as this device has read them; null: never. */
  sheets(sessionId: string): Scores | null;
}

/** As the server would say: a change that was allowed when it was made, and is no longer, is not even sent. */
const FORBIDDEN = {
  ok: false,
  refusal: { code: "forbidden", detail: "Not allowed any more: see who steers this session." },
} as const satisfies Result<never>;

/** Bring one entry to the server, under its own id. The answer is what the server then says is so. */
export async function deliver(entry: OutboxEntry, ways: Ways): Promise<Result<ServerFact[]>> {
  if (!mayMake(entry.kind, ways.known(entry.entity.id), ways.me())) return FORBIDDEN;
  switch (entry.kind) {
    case "session:open":
      return sessionFacts(entry, await ways.api.openSession({ ...entry.body, id: entry.id }));
    case "session:close":
      return sessionFacts(entry, await close(entry, ways));
    case "vitals:push":
    case "note:add":
    case "action:take":
      return recordFacts(await record(entry, entry.kind, ways));
    case "annotation:add":
      return recordFacts(await ways.api.annotate(entry.entity.id, { ...entry.body, id: entry.id }));
    case "annotation:change":
    case "annotation:remove":
      return annotationFacts(entry, await annotated(entry, ways.api));
    case "scores:put":
      return score(entry, ways);
    case "case:control":
      return controlFacts(entry, await control(entry, ways));
  }
}

/**
 * A sheet goes whole, and replaces what the server has. So a part of one is laid on what the server has first: whoever
 * made it had not seen that. Where this device has no sheets at all, it gets them all with its own.
 */
async function score(entry: OutboxEntry, { api, me, sheets }: Ways): Promise<Result<ServerFact[]>> {
  const session_id = entry.entity.id;
  const made = entry.body as unknown as MadeSheet;
  let read: Scores | null = null;
  if (made.is_part === true || sheets(session_id) === null) {
    const answer = await api.scores(session_id);
    if (!answer.ok) return answer;
    read = answer.value;
  }
  const put = await api.putScores(session_id, sheetOnTop(made, sheetRead(read, me().id)));
  if (!put.ok) return put;
  return { ok: true, value: [{ kind: "scored", session_id, sheet: put.value, read }, { kind: "confirmed", entry: entry.id }] };
}

function annotated({ kind, entity, body }: OutboxEntry, api: Api): Promise<Result<Annotation>> {
  const { annotation_id, ...change } = body;
  const id = String(annotation_id);
  return kind === "annotation:remove" ? api.removeAnnotation(entity.id, id) : api.changeAnnotation(entity.id, id, change);
}

/** A note made before the end of its session, and sent after it, becomes an annotation. */
type Recorded = SessionEvent | Annotation;

/** The kind of event that comes of it. */
const KINDS = { "vitals:push": "vitals", "note:add": "note", "action:take": "action" } as const;

async function record(entry: OutboxEntry, message: keyof typeof KINDS, { api, socket }: Ways): Promise<Result<Recorded>> {
  const session_id = entry.entity.id;
  const said = eventOf(entry);
  if (socket.isConnected) {
    const acked = await socket.send<{ event: SessionEvent } | { annotation: Annotation }>(message, { ...said, session_id });
    if (acked.ok) return { ok: true, value: "event" in acked.value ? acked.value.event : acked.value.annotation };
    if (!isOfConnection(acked)) return acked;
  }
  return api.record(session_id, { ...said, kind: KINDS[message] });
}

/** Null: it was so before anything was recorded. */
async function control(entry: OutboxEntry, { api, socket }: Ways): Promise<Result<SessionEvent | null>> {
  const session_id = entry.entity.id;
  const said = eventOf(entry);
  if (socket.isConnected) {
    const acked = await socket.send<{ event: SessionEvent | null }>("case:control", { ...said, session_id });
    if (acked.ok) return { ok: true, value: acked.value.event };
    if (!isOfConnection(acked)) return acked;
  }
  return api.controlCase(session_id, said);
}

/** What is said of an event, whichever way it goes. */
function eventOf({ id, body, made_at }: OutboxEntry): Record<string, unknown> {
  return { ...body, id, made_at };
}

async function close(entry: OutboxEntry, { api, socket }: Ways): Promise<Result<Session>> {
  const session_id = entry.entity.id;
  if (socket.isConnected) {
    const acked = await socket.send<{ session: Session }>("session:close", { session_id });
    if (acked.ok) return { ok: true, value: acked.value.session };
    if (!isOfConnection(acked)) return acked;
  }
  return api.closeSession(session_id);
}

/**
 * A connection that the server has just cut answers `not_found` too. That would be final for the entry,
 * so it is believed only over HTTP, where it can be about nothing else.
 */
function isOfConnection(refused: { refusal: Refusal }): boolean {
  return refused.refusal.code === "not_found";
}

function sessionFacts(entry: OutboxEntry, answer: Result<Session>): Result<ServerFact[]> {
  if (!answer.ok) return answer;
  return {
    ok: true,
    value: [
      { kind: "session", session: answer.value },
      { kind: "confirmed", entry: entry.id },
    ],
  };
}

/** The event is another one than this entry's if somebody else had done it before. */
function controlFacts(entry: OutboxEntry, answer: Result<SessionEvent | null>): Result<ServerFact[]> {
  if (!answer.ok) return answer;
  const told: ServerFact[] = answer.value === null ? [] : [{ kind: "event", event: answer.value }];
  return { ok: true, value: [...told, { kind: "confirmed", entry: entry.id }] };
}

function annotationFacts(entry: OutboxEntry, answer: Result<Annotation>): Result<ServerFact[]> {
  if (!answer.ok) return answer;
  return { ok: true, value: [{ kind: "annotation", annotation: answer.value }, { kind: "confirmed", entry: entry.id }] };
}

function recordFacts(answer: Result<Recorded>): Result<ServerFact[]> {
  if (!answer.ok) return answer;
  const told = answer.value;
  return { ok: true, value: ["seq" in told ? { kind: "event", event: told } : { kind: "annotation", annotation: told }] };
}
