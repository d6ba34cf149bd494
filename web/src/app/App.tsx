import { path } from "./route";
import { Join } from "../join/Join";
import { Monitor } from "../monitor/Monitor";
import { Lazy } from "./lazy";
import { t } from "../i18n";
import { newVersion } from "./update";
import "./app.css";

const loadDashboard = () => import("../dashboard/Dashboard").then((module) => module.Dashboard);

/** A link that somebody mistyped is a wrong code, not a broken page. */
function decoded(code: string): string {
  try {
    return decodeURIComponent(code);
  } catch {
    return code;
  }
}

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

/** `/` and `/j/CODE` join, `/monitor` is the trainee's screen, `/dashboard…` the trainer's. */
export function App() {
  const shown = path.value.split("?")[0] ?? "/";
  if (shown.startsWith("/dashboard"))
    return (
      <>
        <NewVersion />
        <Lazy load={loadDashboard} with={{}} failed={<p role="alert">{t.value.common.reload}</p>} />
      </>
    );
  if (shown.startsWith("/monitor")) return <Monitor />;
  const code = /^\/j\/([^/]+)/.exec(shown)?.[1];
  return (
    <>
      <NewVersion />
      <Join code={code === undefined ? "" : decoded(code)} />
    </>
  );
}
