import type { CaseDraft } from "./draft";

/** Beside what is edited: what the case does. `selectedKey` is the step that is edited, null of everything else. */
export function PreviewSlot(_: { draft: CaseDraft; selectedKey: string | null; select: (key: string) => void }) {
  return null;
}
