import { useEffect } from "preact/hooks";
import type { Room } from "../../room/room";
import { ownSheetOf, type OwnSheetDraft } from "./ownSheet";

/** One's own sheet, sent when the page is left. */
export function useOwnSheet(room: Room): OwnSheetDraft {
  const draft = ownSheetOf(room);
  useEffect(() => {
    const left = () => draft.flush();
    addEventListener("pagehide", left);
    document.addEventListener("visibilitychange", left);
    return () => {
      removeEventListener("pagehide", left);
      document.removeEventListener("visibilitychange", left);
      left();
    };
  }, [draft]);
  return draft;
}
