import { Lazy } from "../../../app/lazy";
import { path } from "../../../app/route";
import { trainerTexts as t } from "../../../i18n/trainers";

const load = () => import("./ComparisonPage").then((module) => module.ComparisonPage);

/** The page in a chunk of its own. `?session=` names the attempt of whoever comes from its record. */
export function ComparisonEntry({ templateId }: { templateId: string }) {
  const sessionId = new URLSearchParams(path.value.split("?")[1] ?? "").get("session");
  return <Lazy load={load} with={{ templateId, sessionId }} failed={<p role="alert">{t.value.common.reload}</p>} />;
}
