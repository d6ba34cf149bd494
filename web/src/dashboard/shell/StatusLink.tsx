import { useComputed } from "@preact/signals";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Status } from "../../device/view/device";
import { useDevice } from "../context";
import { Icon, type IconName } from "../icons";
import { Link } from "./Link";
import { pageAt, pathTo } from "../../app/pages";
import { path } from "../../app/route";

const ICONS: Record<Status["word"], IconName> = { saved: "check", saving: "up", offline: "wifi_off", problem: "alert" };

export function statusWords(status: Status): string {
  const texts = t.value.device.status;
  if (status.word === "offline" && status.waiting === 0) return texts.offline;
  if (status.word === "saving" && status.waiting === 0) return texts.fetching;
  const text = status.word === "offline" ? texts.offline_waiting : texts[status.word];
  return fill(text, { count: status.waiting });
}

/** One word, always in sight. It is heard when the word changes, not with every count. */
export function StatusLink() {
  const device = useDevice();
  // Everything that was saved is on the server; what is written on this very page is not saved.
  const isDraft = useComputed(() => {
    const page = pageAt(path.value);
    if (page.name !== "template" || device.status.value.word !== "saved") return false;
    return device.drafts.value.some(({ template_id }) => template_id === page.template_id);
  }).value;
  const words = useComputed(() => statusWords(device.status.value));
  const word = useComputed(() => device.status.value.word).value;
  const hint = useComputed(() => {
    const { saving, fetching, draft: _, ...others } = device.isKept
      ? t.value.device.status_hint
      : { ...t.value.device.status_hint, ...t.value.device.unkept.status_hint };
    const { word: now, waiting } = device.status.value;
    return now === "saving" ? (waiting > 0 ? saving : fetching) : others[now];
  });
  if (isDraft)
    return (
      <Link to={pathTo("outbox")} class="db-status db-status-draft" title={t.value.device.status_hint.draft}>
        <Icon name="pencil" />
        <span>{t.value.device.status.draft}</span>
        <span class="visually-hidden">, {t.value.dashboard.status.open_outbox}</span>
      </Link>
    );
  return (
    <Link to={pathTo("outbox")} class={`db-status db-status-${word}`} title={hint.value}>
      <Icon name={ICONS[word]} />
      <span>{words}</span>
      <span class="visually-hidden">, {t.value.dashboard.status.open_outbox}</span>
      <span class="visually-hidden" role="status">
        {word === "saved" || word === "saving" ? "" : statusWords({ word, waiting: 0 }).replace(/ \(0\)$/, "")}
      </span>
    </Link>
  );
}
