import type { VNode } from "preact";
import { isNowhere, pageAt } from "./pages";
import { path } from "./route";
import { Join } from "../join/Join";
import { Homework } from "../join/Homework";
import { Monitor } from "../monitor/Monitor";
import { Lazy } from "./lazy";
import { t } from "../i18n";
import { newVersion } from "./update";
import "./app.css";

const loadDashboard = () => import("../dashboard/Dashboard").then((module) => module.Dashboard);

const loadShared = () => import("../dashboard/debrief/shared/SharedPage").then((module) => module.SharedPage);

/** Offered where nobody is in the middle of something: on the page to join, and in the dashboard. */
function NewVersion() {
  const offer = newVersion.value;
  if (offer === null) return null;
  return (
    <p class="app-new-version" role="status">
      {t.value.common.newVersion}{" "}
      <button type="button" onClick={offer.take}>
        {t.value.common.takeNewVersion}
      </button>
    </p>
  );
}

export function App(): VNode {
  const page = pageAt(path.value);
  switch (page.name) {
    case "monitor":
      return <Monitor />;
    case "home":
    case "join":
      return (
        <>
          <NewVersion />
          <Join code={page.name === "join" ? page.code : ""} isLost={isNowhere(path.value)} />
        </>
      );
    case "assignment":
      return (
        <>
          <NewVersion />
          <Homework token={page.token} />
        </>
      );
    case "shared":
      return <Lazy load={loadShared} with={{ token: page.token }} failed={<p role="alert">{t.value.common.reload}</p>} />;
    case "sessions":
    case "wall":
    case "templates":
    case "new_template":
    case "template":
    case "comparison":
    case "recorded":
    case "homework":
    case "conflicts":
    case "devices":
    case "halls":
    case "outbox":
    case "school":
    case "me":
    case "audit":
    case "invitation":
    case "first":
    case "room":
    case "debrief":
      return (
        <>
          <NewVersion />
          <Lazy load={loadDashboard} with={{}} failed={<p role="alert">{t.value.common.reload}</p>} />
        </>
      );
  }
}
