import { useSignal } from "@preact/signals";
import { pathTo } from "../../app/pages";
import type { KeptDraft } from "../../device/database/draft";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { useDevice } from "../context";
import { dayTime } from "../fmt";
import { Icon } from "../icons";
import { tellNotWritten } from "../room/notWritten";
import { announce } from "../shell/announce";
import { Link } from "../shell/Link";
import "./editor.css";

/** What somebody has begun to write on this device and has not saved, above the cases. */
export function Drafts() {
  const device = useDevice();
  const texts = t.value.editor;
  const dropped = useSignal<KeptDraft | null>(null);
  const drafts = device.drafts.value;
  const title = (draft: KeptDraft) => draft.content.title.trim() || texts.untitled;
  const drop = (draft: KeptDraft) => {
    device.dropDraft(draft.template_id).catch(tellNotWritten);
    dropped.value = draft;
    announce(fill(texts.dropped, { title: title(draft) }));
  };
  const takeBack = (draft: KeptDraft) => {
    device.keepDraft(draft).catch(tellNotWritten);
    dropped.value = null;
  };
  if (drafts.length === 0 && dropped.value === null) return null;
  return (
    <section class="db-panel db-drafts" aria-labelledby="drafts-title">
      <h2 id="drafts-title">{texts.drafts}</h2>
      <ul>
        {drafts.map((draft) => (
          <li key={draft.template_id}>
            <span>
              <b>{title(draft)}</b>{" "}
              <span class="db-hint">
                {draft.base === null ? "" : `${texts.draft_of}. `}
                {fill(t.value.cases.changed, { when: dayTime(draft.kept_at, device.serverNow()) })}
              </span>
            </span>
            <Link
              to={pathTo("template", { template_id: draft.template_id })}
              class="db-button db-button-main"
              label={`${texts.go_on}: ${title(draft)}`}
            >
              {texts.go_on}
            </Link>
            <button
              type="button"
              class="db-button"
              aria-label={`${texts.drop}: ${title(draft)}`}
              onClick={() => drop(draft)}
            >
              <Icon name="trash" /> {texts.drop}
            </button>
          </li>
        ))}
        {dropped.value === null ? null : (
          <li>
            <span>{fill(texts.dropped, { title: title(dropped.value) })}</span>
            <button type="button" class="db-button" onClick={() => dropped.value !== null && takeBack(dropped.value)}>
              <Icon name="undo" /> {texts.undo}
            </button>
          </li>
        )}
      </ul>
    </section>
  );
}
