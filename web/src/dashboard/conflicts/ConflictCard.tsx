import { useId } from "preact/hooks";
import { TEMPLATE_FIELDS, type TemplateContent, type TemplateField } from "../../device/sync/edit";
import type { Settlement } from "../../device/sync/edits";
import type { TemplateConflict } from "../../device/sync/shownTemplates";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Template } from "../../wire/types";
import { useDevice } from "../context";
import { dayTime } from "../fmt";
import { Icon } from "../icons";
import { tellNotWritten } from "../room/notWritten";
import { announce } from "../shell/announce";
import { fieldLines, fieldName } from "../templates/templateWords";
import { ByField, Same } from "./ByField";
import { Lines } from "./FieldChoice";
import { templateParts } from "./parts";
import { theirWords } from "./theirWords";

/** One case, both sides of it, and the choice. */
export function ConflictCard(props: { conflict: TemplateConflict }) {
  const device = useDevice();
  const id = useId();
  const { conflict } = props;
  const { theirs, mine } = conflict;
  const title = (theirs ?? mine ?? conflict.edits[0]!.before).title;
  const settle = (settlement: Settlement) => {
    const { settled, settled_offline } = t.value.cases.conflicts;
    announce(fill(device.isOnline.peek() ? settled : settled_offline, { title }));
    document.getElementById("content")?.focus();
    device.settle(conflict, settlement).catch(tellNotWritten);
  };
  return (
    <section class="db-panel db-conflict" aria-labelledby={id}>
      <h2 id={id}>
        <Icon name="fork" /> {title}
      </h2>
      <Sides conflict={conflict} />
      {theirs === null || mine === null ? (
        <WholeChoice conflict={conflict} settle={settle} />
      ) : conflict.fields.length === 0 ? (
        <Same settle={settle} />
      ) : (
        <ByField
          parts={templateParts(conflict.fields, theirs, mine)}
          isWhole={conflict.reason === "merge_invalid"}
          settle={settle}
        />
      )}
    </section>
  );
}

/** Who and when, as far as it is known. */
function Sides({ conflict }: { conflict: TemplateConflict }) {
  const device = useDevice();
  const texts = t.value.cases.conflicts;
  const now = device.serverNow();
  const when = (at: string) => ({ when: dayTime(Date.parse(at), now) });
  const { theirs, mine, made_at, written } = conflict;
  return (
    <dl class="db-sides">
      <div>
        <dt>{texts.theirs}</dt>
        <dd>{theirWords({ written, updatedAt: theirs?.updated_at, isDeleted: theirs === null, me: device.me.value?.id, now })}</dd>
      </div>
      <div>
        <dt>{texts.mine}</dt>
        <dd>
          {mine === null ? `${texts.deleted_here}, ${dayTime(Date.parse(made_at), now)}` : fill(texts.mine_by, when(made_at))}
        </dd>
      </div>
    </dl>
  );
}

/** One side has deleted it: there is nothing to choose part by part. */
function WholeChoice(props: { conflict: TemplateConflict; settle: (settlement: Settlement) => void }) {
  const texts = t.value.cases.conflicts;
  const { theirs, mine, edits } = props.conflict;
  const isGone = theirs === null;
  const shown = mine ?? theirs;
  // Of what was deleted there one's own changes; of what was deleted here what the others have made of it.
  const changed = (field: TemplateField) =>
    isGone ? edits.some((edit) => field in (edit.content ?? {})) : differs(theirs, edits[0]!.before, field);
  const keepMine = () => props.settle({ keep: "mine", content: mine === null ? null : wholeOf(mine) });
  return (
    <>
      <p>{isGone ? texts.gone : texts.deleted}</p>
      {shown === null ? null : (
        <dl class="db-conflict-parts">
          {TEMPLATE_FIELDS.filter(changed).map((field) => (
            <div key={field}>
              <dt>{fieldName(field)}</dt>
              <dd>
                <Lines lines={fieldLines(shown, field)} others={[]} isMarked={false} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      <p class="db-conflict-actions">
        <button type="button" class="db-button" onClick={() => props.settle({ keep: "theirs" })}>
          {isGone ? texts.gone_theirs : texts.deleted_theirs}
        </button>
        <button type="button" class={`db-button ${isGone ? "" : "db-button-danger"}`} onClick={keepMine}>
          {isGone ? texts.gone_mine : texts.deleted_mine}
        </button>
      </p>
    </>
  );
}

function pick(template: Template, fields: readonly TemplateField[]): Partial<TemplateContent> {
  return Object.fromEntries(fields.map((field) => [field, template[field]]));
}

function wholeOf(template: Template): Partial<TemplateContent> {
  return pick(template, TEMPLATE_FIELDS);
}

function differs(one: Template | null, other: Template, field: TemplateField): boolean {
  return one !== null && fieldLines(one, field).join("\n") !== fieldLines(other, field).join("\n");
}
