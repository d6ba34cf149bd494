import { ask } from "../../../join/ask";
import type { SharedDebrief } from "../../../wire/beside";

/** `over`: it has ended; `unknown`: there is none, or it has ended long ago; `away`: nothing of ours answered. */
export type SeenShare = { kind: "read"; share: SharedDebrief } | { kind: "over" | "unknown" | "away" };

export async function lookAtShare(token: string): Promise<SeenShare> {
  const answered = await ask(`/shares/${encodeURIComponent(token)}`, null);
  if (answered === null || answered.body === null) return { kind: "away" };
  const { response, body } = answered;
  if (response.ok) return { kind: "read", share: body as unknown as SharedDebrief };
  if (response.status === 410) return { kind: "over" };
  return { kind: response.status === 404 ? "unknown" : "away" };
}
