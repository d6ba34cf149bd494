import type { ComponentType, VNode } from "preact";
import { useEffect } from "preact/hooks";
import { Lazy, loadOnce } from "../../app/lazy";
import { trainerTexts as t } from "../../i18n/trainers";

/** Pages that hardly anybody has first, each in a chunk of its own. Those of a running session are there at once. */
export const LATER = {
  account: () => import("../account/MyPage").then(({ MyPage }) => MyPage),
  audit: () => import("../audit/AuditLogPage").then(({ AuditLogPage }) => AuditLogPage),
  devices: () => import("../devices/DevicesPage").then(({ DevicesPage }) => DevicesPage),
  editor: () => import("../editor/EditorPage").then(({ EditorPage }) => EditorPage),
  first: () => import("../entrance/FirstEntrance").then(({ FirstEntrance }) => FirstEntrance),
  halls: () => import("../halls/HallsPage").then(({ HallsPage }) => HallsPage),
  homework: () => import("../homework/HomeworkPage").then(({ HomeworkPage }) => HomeworkPage),
  invitation: () => import("../entrance/InvitationEntrance").then(({ InvitationEntrance }) => InvitationEntrance),
  recorded: () => import("../recorded/RecordedPage").then(({ RecordedPage }) => RecordedPage),
  school: () => import("../school/SchoolPage").then(({ SchoolPage }) => SchoolPage),
};

const ENTRANCES: readonly unknown[] = [LATER.first, LATER.invitation];
const QUIET_MILLISECONDS = 3000;

/**
 * Fetches them once the first page is at rest: whoever loses the network, and has no service worker (plain http), can
 * still open each. What does not come now is asked for again when it is opened.
 */
export function FetchLater(): null {
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const load of Object.values(LATER))
        if (!ENTRANCES.includes(load)) loadOnce<never>(load as () => Promise<ComponentType<never>>).catch(() => {});
    }, QUIET_MILLISECONDS);
    return () => clearTimeout(timer);
  }, []);
  return null;
}

export function Later<P extends object>(props: { load: () => Promise<ComponentType<P>>; with: P }): VNode {
  const failed = (
    <main class="db-page" id="content" tabIndex={-1}>
      <p role="alert">{t.value.common.reload}</p>
    </main>
  );
  const waiting = <main class="db-page" id="content" tabIndex={-1} aria-busy="true" />;
  return <Lazy load={props.load} with={props.with} failed={failed} waiting={waiting} />;
}
