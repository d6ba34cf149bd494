/**
 * Two tabs of one browser are two trainees, not one seat twice: before a tab takes the remembered seat of a session it
 * asks whether another one sits there. The browser itself knows who holds a lock, however busy or asleep the other tab
 * is; it has none over plain http, and there the tabs ask each other.
 */
const LOCK = "shiller.seat ";
const CHANNEL = "shiller.seats";
/** A tab that draws waves on a slow tablet may answer late, and nobody but who comes back to a seat waits for it. */
const ANSWER_WITHIN = 1_000;

type Word = { kind: "who" | "me"; session_id: string };
type Locks = Pick<LockManager, "request" | "query">;

/** Hold this tab's seat until the returned function is called. */
export function hold(sessionId: string, locks = locksOfPage()): () => void {
  const letGo = [holdLock(sessionId, locks), answer(sessionId)];
  return () => letGo.forEach((one) => one());
}

export async function isHeldElsewhere(sessionId: string, locks = locksOfPage()): Promise<boolean> {
  // Where site data is blocked there are locks that refuse to be used.
  const held = await locks?.query().catch(() => undefined);
  return held === undefined ? askOthers(sessionId) : (held.held ?? []).some(({ name }) => name === LOCK + sessionId);
}

/** Undefined where the page is no secure context, whatever its type says. */
function locksOfPage(): Locks | undefined {
  return navigator.locks as Locks | undefined;
}

/** Shared: two tabs may sit in one session, each in its own seat. */
function holdLock(sessionId: string, locks: Locks | undefined): () => void {
  let letGo = () => {};
  const isLeft = new Promise<void>((resolve) => (letGo = resolve));
  locks?.request(LOCK + sessionId, { mode: "shared" }, () => isLeft).catch(() => {});
  return letGo;
}

function answer(sessionId: string): () => void {
  if (typeof BroadcastChannel === "undefined") return () => {};
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if (data.kind === "who" && data.session_id === sessionId) channel.postMessage({ kind: "me", session_id: sessionId });
  };
  return () => channel.close();
}

function askOthers(sessionId: string): Promise<boolean> {
  if (typeof BroadcastChannel === "undefined") return Promise.resolve(false);
  const channel = new BroadcastChannel(CHANNEL);
  return new Promise<boolean>((resolve) => {
    channel.onmessage = ({ data }: MessageEvent<Word>) => {
      if (data.kind === "me" && data.session_id === sessionId) resolve(true);
    };
    channel.postMessage({ kind: "who", session_id: sessionId } satisfies Word);
    setTimeout(() => resolve(false), ANSWER_WITHIN);
  }).finally(() => channel.close());
}
