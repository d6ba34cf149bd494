import { path } from "./route";
import { Join } from "../join/Join";
import { Monitor } from "../monitor/Monitor";
import { Lazy } from "./lazy";
import { t } from "../i18n";

const loadDashboard = () => import("../dashboard/Dashboard").then((module) => module.Dashboard);

/** `/` and `/j/CODE` join, `/monitor` is the trainee's screen, `/dashboard…` the trainer's. */
export function App() {
  const shown = path.value.split("?")[0] ?? "/";
  if (shown.startsWith("/dashboard"))
    return <Lazy load={loadDashboard} with={{}} failed={<p role="alert">{t.value.common.reload}</p>} />;
  if (shown.startsWith("/monitor")) return <Monitor />;
  const code = /^\/j\/([^/]+)/.exec(shown)?.[1];
  return <Join code={code === undefined ? "" : decodeURIComponent(code)} />;
}
