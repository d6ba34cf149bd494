import "./dashboard.css";
import "./forms.css";
import { useComputed } from "@preact/signals";
import { pageAt, type Page } from "../../app/pages";
import { path } from "../../app/route";
import { useDevice } from "../context";
import { ConflictsPage } from "../conflicts/ConflictsPage";
import { DevicesPage } from "../devices/DevicesPage";
import { HomeworkPage } from "../homework/HomeworkPage";
import { HallsPage } from "../halls/HallsPage";
import { Login } from "./Login";
import { OutboxPage } from "../outbox/OutboxPage";
import { RoomPage } from "../room/RoomPage";
import { SessionsPage } from "../sessions/SessionsPage";
import { TemplatesPage } from "../templates/TemplatesPage";
import { Shell, type ShellPage } from "./Shell";

/** Every page under /dashboard, for whoever is logged in; the address is kept while they log in. */
export function Pages() {
  const device = useDevice();
  const isKnown = useComputed(() => device.me.value !== null).value;
  if (!device.isReady.value) return <div class="db-shell" aria-busy="true" />;
  if (!isKnown) return <Login />;
  const page = pageAt(path.value);
  return (
    <Shell page={shellPage(page)}>
      <Content page={page} />
    </Shell>
  );
}

function shellPage({ name }: Page): ShellPage {
  return name === "home" || name === "join" || name === "assignment" || name === "monitor" ? "sessions" : name;
}

function Content({ page }: { page: Page }) {
  switch (page.name) {
    case "room":
      return <RoomPage key={page.session_id} sessionId={page.session_id} />;
    case "templates":
      return <TemplatesPage />;
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
    default:
      return <SessionsPage />;
  }
}
