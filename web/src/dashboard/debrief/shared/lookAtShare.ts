import { ask } from "../../../join/ask";
import type { SharedDebrief } from "../../../wire/beside";

/** `unknown`: the server has nothing there, or nothing any more; `away`: nothing of ours answered. */
export type LookedAt = { kind: "read"; share: SharedDebrief } | { kind: "unknown" | "away" };
/** `over`: it was read here, and has ended since. */
export type SeenShare = LookedAt | { kind: "over" };

/** ms: for so long a timer is set at most, since one that is set for weeks is none, and none goes on in a device that sleeps. */
const LONGEST_WAIT = 3_600_000;
/** Of a device whose clock is ahead of the server's. */
const ASKED_AGAIN = 60_000;

export async function lookAtShare(token: string): Promise<LookedAt> {
  const answered = await ask(`/shares/${encodeURIComponent(token)}`, null);
  if (answered === null || answered.body === null) return { kind: "away" };
  const { response, body } = answered;
  if (response.ok) return { kind: "read", share: body as unknown as SharedDebrief };
  return { kind: response.status === 404 ? "unknown" : "away" };
}

/**
 * Calls `over` when the link has ended: its time is over by this device's clock, and the server does not show it any
 * more, or cannot be asked. Returns how to stop looking.
 */
export function whenShareEnds(token: string, expiresAt: number, over: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWatched = true;
  const look = async () => {
    clearTimeout(timer);
    const left = expiresAt - Date.now();
    if (left > 0) return wait(Math.min(left, LONGEST_WAIT));
    const { kind } = await lookAtShare(token);
    if (!isWatched) return;
    if (kind === "read") wait(ASKED_AGAIN);
    else over();
  };
  const wait = (ms: number) => (timer = setTimeout(() => void look(), ms));
  const seen = () => void (document.visibilityState === "visible" && look());
  document.addEventListener("visibilitychange", seen);
  void look();
  return () => {
    isWatched = false;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", seen);
  };
}
