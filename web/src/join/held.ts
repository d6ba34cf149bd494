/**
 * Two tabs of one browser are two trainees, not one seat twice: before a tab takes the remembered seat of a
 * session it asks the others whether somebody sits there.
 */
const CHANNEL = "shiller.seats";
const ANSWER_WITHIN = 120;

type Word = { kind: "who" | "me"; session_id: string };

/** Answer for this tab's seat until the returned function is called. */
export function hold(sessionId: string): () => void {
  if (typeof BroadcastChannel === "undefined") return () => {};
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if (data.kind === "who" && data.session_id === sessionId) channel.postMessage({ kind: "me", session_id: sessionId });
  };
  return () => channel.close();
}

export function isHeldElsewhere(sessionId: string): Promise<boolean> {
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
