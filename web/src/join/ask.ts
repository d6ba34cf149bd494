/** What the server answered to somebody without a login, or null where nothing of ours did. */
export type Answered = { response: Response; body: Record<string, unknown> | null } | null;

export const PATIENCE = 10_000;

/** `patience` in milliseconds, for the whole answer: what never comes, or never ends, is no server. */
export async function ask(path: string, sent: object | null, patience = PATIENCE): Promise<Answered> {
  // Of its own: browsers of a few years ago have no `AbortSignal.timeout`.
  const giveUp = new AbortController();
  const alarm = setTimeout(() => giveUp.abort(), patience);
  try {
    const response = await fetch(`/api/v1${path}`, {
      ...(sent === null
        ? { method: "GET" }
        : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(sent) }),
      credentials: "same-origin",
      cache: "no-store",
      // This API redirects nowhere: what does is a hotspot's login page.
      redirect: "error",
      signal: giveUp.signal,
    });
    return { response, body: await response.json().catch(() => null) };
  } catch {
    return null;
  } finally {
    clearTimeout(alarm);
  }
}

/** Seconds after which it is worth trying again. */
export function waitOf(response: Response): number {
  return Math.max(1, Number(response.headers.get("Retry-After")) || 1);
}
