import "./dashboard.css";
import "./forms.css";
import { useComputed } from "@preact/signals";
import { pageAt, type Page } from "../../app/pages";
import { path } from "../../app/route";
import { useDevice } from "../context";
import { MyPage } from "../account/MyPage";
import { AuditLogPage } from "../audit/AuditLogPage";
import { ComparisonEntry } from "../debrief/comparison/ComparisonEntry";
import { ConflictsPage } from "../conflicts/ConflictsPage";
import { EditorPage } from "../editor/EditorPage";
import { DevicesPage } from "../devices/DevicesPage";
import { FirstEntrance } from "../entrance/FirstEntrance";
import { InvitationEntrance } from "../entrance/InvitationEntrance";
import { HomeworkPage } from "../homework/HomeworkPage";
import { HallsPage } from "../halls/HallsPage";
import { Login } from "./Login";
import { OutboxPage } from "../outbox/OutboxPage";
import { RecordedPage } from "../recorded/RecordedPage";
import { RoomPage } from "../room/RoomPage";
import { SchoolPage } from "../school/SchoolPage";
import { SessionsPage } from "../sessions/SessionsPage";
import { TemplatesPage } from "../templates/TemplatesPage";
import { WallPage } from "../wall/WallPage";
import { Shell, type ShellPage } from "./Shell";

/** Every page under /dashboard, for whoever is logged in; the address is kept while they log in. */
export function Pages() {
  const device = useDevice();
  const isKnown = useComputed(() => device.me.value !== null).value;
  if (!device.isReady.value) return <div class="db-shell" aria-busy="true" />;
  const page = pageAt(path.value);
  // For whoever comes by a link, logged in or not.
  if (page.name === "invitation") return <InvitationEntrance key={page.token} token={page.token} />;
  if (page.name === "first") return <FirstEntrance key={page.token} token={page.token} />;
  if (!isKnown) return <Login />;
  return (
    <Shell page={shellPage(page)}>
      <Content page={page} />
    </Shell>
  );
}

function shellPage({ name }: Page): ShellPage {
  switch (name) {
    case "home":
    case "join":
    case "monitor":
    case "invitation":
    case "assignment":
    case "shared":
    case "first":
      return "sessions";
    case "debrief":
      return "room";
    case "recorded":
    case "new_template":
    case "template":
    case "comparison":
      return "templates";
    default:
      return name;
  }
}

function Content({ page }: { page: Page }) {
  switch (page.name) {
    case "room":
    case "debrief":
      return <RoomPage key={page.session_id} sessionId={page.session_id} isDebrief={page.name === "debrief"} />;
    case "wall":
      return <WallPage />;
    case "templates":
      return <TemplatesPage />;
    case "recorded":
      return <RecordedPage />;
    case "new_template":
    case "template":
      // One page for both: a new case gets its address while it is written.
      return <EditorPage templateId={page.name === "template" ? page.template_id : null} />;
    case "comparison":
      return <ComparisonEntry key={page.template_id} templateId={page.template_id} />;
    case "conflicts":
      return <ConflictsPage />;
    case "devices":
      return <DevicesPage />;
    case "halls":
      return <HallsPage />;
    case "homework":
      return <HomeworkPage />;
    case "outbox":
      return <OutboxPage />;
    case "school":
      return <SchoolPage />;
    case "me":
      return <MyPage />;
    case "audit":
      return <AuditLogPage />;
    default:
      return <SessionsPage />;
  }
}
