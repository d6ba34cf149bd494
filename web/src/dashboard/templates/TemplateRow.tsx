import { useSignal } from "@preact/signals";
import { pathTo } from "../../app/pages";
import { isOfTemplate } from "../../device/sync/edit";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Template } from "../../wire/types";
import { useDevice } from "../context";
import { dayTime } from "../fmt";
import { Icon } from "../icons";
import { SetAsHomework } from "../homework/SetAsHomework";
import { tellNotWritten } from "../room/notWritten";
import { announce } from "../shell/announce";
import { Link } from "../shell/Link";
import { MoreMenu } from "../shell/MoreMenu";
import { counted, dotted, rhythmName, signWords } from "../words";
import { downloadCase } from "./caseFile";
import { DescribeTemplate } from "./DescribeTemplate";
import { languageName } from "./templateWords";

/** One case in the list, with what can be done with it. */
export function TemplateRow(props: { template: Template; mayEdit: boolean; deleted: () => void }) {
  const device = useDevice();
  const texts = t.value.cases;
  const isEdited = useSignal(false);
  const { template } = props;
  const { title } = template;
  const duplicate = () => {
    const named = fill(texts.copy_of, { title });
    device.duplicateTemplate(template, named).catch(tellNotWritten);
    announce(fill(texts.duplicated, { title: named }));
  };
  const remove = () => {
    device.deleteTemplate(template).catch(tellNotWritten);
    announce(fill(texts.deleted, { title }));
    props.deleted();
  };
  const values = [...(template.rhythm === null ? [] : [rhythmName(template.rhythm)]), ...signWords(template.vitals)];
  return (
    <li class="db-template-line">
      <div class="db-session-words">
        <h2>{title}</h2>
        {template.description === "" ? null : <p class="db-template-line-about">{template.description}</p>}
        <p class="db-session-about">
          {template.language === null ? null : <span class="db-template-language">{languageName(template.language)}</span>}
          <span>{counted(template.steps.length, texts.steps)}</span>
          {values.length === 0 ? null : <span>{dotted(values)}</span>}
          <span>{fill(texts.changed, { when: dayTime(Date.parse(template.updated_at), device.serverNow()) })}</span>
          <Link
            to={pathTo("comparison", { template_id: template.id })}
            class="db-template-compare"
            label={`${t.value.comparison.open}: ${title}`}
          >
            {t.value.comparison.open}
          </Link>
        </p>
        <Standing template={template} />
      </div>
      {props.mayEdit ? (
        <div class="db-template-line-actions">
          <Link to={pathTo("template", { template_id: template.id })} class="db-button" label={`${t.value.editor.open}: ${title}`}>
            <Icon name="pencil" /> {t.value.editor.open}
          </Link>
          <SetAsHomework template={template} />
          <MoreMenu label={`${texts.more}: ${title}`}>
            <button
              type="button"
              class="db-button"
              aria-label={`${texts.edit}: ${title}`}
              onClick={() => {
                isEdited.value = true;
              }}
            >
              <Icon name="note" /> {texts.edit}
            </button>
            <button type="button" class="db-button" aria-label={`${texts.duplicate}: ${title}`} onClick={duplicate}>
              <Icon name="copy" /> {texts.duplicate}
            </button>
            <button type="button" class="db-button" aria-label={`${texts.export}: ${title}`} onClick={() => downloadCase(template)}>
              <Icon name="download" /> {texts.export}
            </button>
            <button type="button" class="db-button db-button-danger-quiet" aria-label={`${texts.delete}: ${title}`} onClick={remove}>
              <Icon name="trash" /> {texts.delete}
            </button>
          </MoreMenu>
        </div>
      ) : null}
      {isEdited.value ? <DescribeTemplate template={template} onClose={() => (isEdited.value = false)} /> : null}
    </li>
  );
}

/** What of it is not settled with the server. */
function Standing(props: { template: Template }) {
  const device = useDevice();
  const texts = t.value.cases;
  const edits = device.edits.value.filter(isOfTemplate).filter((edit) => edit.template_id === props.template.id);
  if (edits.some((edit) => edit.state === "conflict"))
    return (
      <p class="db-template-line-standing">
        <Icon name="fork" /> <Link to={pathTo("conflicts")}>{texts.in_conflict}</Link>
      </p>
    );
  if (!edits.some((edit) => edit.state === "waiting")) return null;
  return (
    <p class="db-template-line-standing">
      <Icon name="clock" /> {texts.unsent}
    </p>
  );
}
