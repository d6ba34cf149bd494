import { keptInTab } from "../app/siteData";
import { newId } from "../wire/ids";

/**
 * The try that is being begun: asked for under one id until it was reached, however often an answer is lost and the
 * page is loaded anew, so that it is begun once.
 */
interface Beginning {
  token: string;
  name: string;
  id: string;
}

const BEGINNING = "shiller.beginning";

/** Another link, or another name, is another try. */
export function idOfBeginning(token: string, name: string): string {
  const kept = read();
  if (kept?.token === token && kept.name === name) return kept.id;
  const id = newId();
  keptInTab.write(BEGINNING, JSON.stringify({ token, name, id } satisfies Beginning));
  return id;
}

export function hasBegun(token: string): void {
  if (read()?.token === token) keptInTab.remove(BEGINNING);
}

function read(): Beginning | null {
  try {
    const kept = JSON.parse(keptInTab.read(BEGINNING) ?? "null") as Partial<Beginning> | null;
    const { token, name, id } = kept ?? {};
    return typeof token === "string" && typeof name === "string" && typeof id === "string" ? { token, name, id } : null;
  } catch {
    return null;
  }
}
