import "./dashboard.css";
import "./forms.css";
import { useComputed } from "@preact/signals";
import { pageAt } from "../../app/pages";
import { path } from "../../app/route";
import { useDevice } from "../context";
import { Login } from "./Login";
import { OutboxPage } from "../outbox/OutboxPage";
import { RoomPage } from "../room/RoomPage";
import { SessionsPage } from "../sessions/SessionsPage";
import { Shell } from "./Shell";

/** Every page under /dashboard, for whoever is logged in; the address is kept while they log in. */
export function Pages() {
  const device = useDevice();
  const isKnown = useComputed(() => device.me.value !== null).value;
  if (!device.isReady.value) return <div class="db-shell" aria-busy="true" />;
  if (!isKnown) return <Login />;
  const page = pageAt(path.value);
  return (
    <Shell page={page.name === "room" || page.name === "outbox" ? page.name : "sessions"}>
      {page.name === "room" ? (
        <RoomPage key={page.session_id} sessionId={page.session_id} />
      ) : page.name === "outbox" ? (
        <OutboxPage />
      ) : (
        <SessionsPage />
      )}
    </Shell>
  );
}
