import "./dashboard.css";
import "./forms.css";
import { useComputed } from "@preact/signals";
import { pageAt, type Page } from "../../app/pages";
import { path } from "../../app/route";
import { useDevice } from "../context";
import { ComparisonEntry } from "../debrief/comparison/ComparisonEntry";
import { ConflictsPage } from "../conflicts/ConflictsPage";
import { FetchLater, Later, LATER } from "./later";
import { Login } from "./Login";
import { OutboxPage } from "../outbox/OutboxPage";
import { RoomPage } from "../room/RoomPage";
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
  if (page.name === "invitation") return <Later key={page.token} load={LATER.invitation} with={{ token: page.token }} />;
  if (page.name === "first") return <Later key={page.token} load={LATER.first} with={{ token: page.token }} />;
  if (!isKnown) return <Login />;
  return (
    <Shell page={shellPage(page)}>
      <Content page={page} />
      <FetchLater />
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
      return <Later load={LATER.recorded} with={{}} />;
    case "new_template":
    case "template":
      // One page for both: a new case gets its address while it is written.
      return <Later load={LATER.editor} with={{ templateId: page.name === "template" ? page.template_id : null }} />;
    case "comparison":
      return <ComparisonEntry key={page.template_id} templateId={page.template_id} />;
    case "conflicts":
      return <ConflictsPage />;
    case "devices":
      return <Later load={LATER.devices} with={{}} />;
    case "halls":
      return <Later load={LATER.halls} with={{}} />;
    case "homework":
      return <Later load={LATER.homework} with={{}} />;
    case "outbox":
      return <OutboxPage />;
    case "school":
      return <Later load={LATER.school} with={{}} />;
    case "me":
      return <Later load={LATER.account} with={{}} />;
    case "audit":
      return <Later load={LATER.audit} with={{}} />;
    default:
      return <SessionsPage />;
  }
}
