import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { TEMPLATE_FIELDS, type TemplateContent, type TemplateField } from "../../device/sync/edit";
import type { Settlement } from "../../device/sync/edits";
import type { TemplateConflict } from "../../device/sync/shownTemplates";
import { fill, t } from "../../i18n";
import type { Template } from "../../wire/types";
import { useDevice } from "../context";
import { dayTime } from "../fmt";
import { Icon } from "../icons";
import { tellNotWritten } from "../room/notWritten";
import { announce } from "../shell/announce";
import { fieldLines, fieldName } from "../templates/templateWords";
import { counted } from "../words";
import { FieldChoice, Lines, type Chosen } from "./FieldChoice";

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
        <ByField conflict={conflict} theirs={theirs} mine={mine} settle={settle} />
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
  const { mine, made_at } = conflict;
  return (
    <dl class="db-sides">
      <div>
        <dt>{texts.theirs}</dt>
        <dd>{theirWords(conflict, device.me.value?.id, now)}</dd>
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

function theirWords({ theirs, written }: TemplateConflict, me: string | undefined, now: number): string {
  const texts = t.value.cases.conflicts;
  const at = written?.at ?? theirs?.updated_at;
  if (at === undefined) return texts.deleted_by;
  const values = { when: dayTime(Date.parse(at), now), who: written?.by?.name ?? "" };
  const isDeleted = theirs === null;
  if (written?.by == null) return fill(isDeleted ? texts.deleted_by_nobody : texts.theirs_by, values);
  if (written.by.role === "system") return fill(isDeleted ? texts.deleted_by_server : texts.theirs_by_server, values);
  if (written.by.id === me) return fill(isDeleted ? texts.deleted_by_me : texts.theirs_by_me, values);
  return fill(isDeleted ? texts.deleted_by_name : texts.theirs_by_name, values);
}

function Same(props: { settle: (settlement: Settlement) => void }) {
  const texts = t.value.cases.conflicts;
  return (
    <>
      <p>{texts.same}</p>
      <button type="button" class="db-button db-button-main" onClick={() => props.settle({ keep: "theirs" })}>
        {texts.same_yes}
      </button>
    </>
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

function ByField(props: {
  conflict: TemplateConflict;
  theirs: Template;
  mine: Template;
  settle: (settlement: Settlement) => void;
}) {
  const texts = t.value.cases.conflicts;
  const chosen = useSignal<Partial<Record<TemplateField, Chosen>>>({});
  const isTried = useSignal(false);
  const { conflict, theirs, mine } = props;
  const { fields } = conflict;
  const missing = fields.filter((field) => chosen.value[field] === undefined).length;
  const content = contentOfChoices(fields, chosen.value, mine);
  const isInvalid = content.title?.trim() === "";
  const save = (event: Event) => {
    event.preventDefault();
    isTried.value = true;
    if (missing > 0) return announce(counted(missing, texts.unchosen), { urgent: true });
    if (isInvalid) return announce(texts.invalid, { urgent: true });
    props.settle(Object.keys(content).length === 0 ? { keep: "theirs" } : { keep: "mine", content });
  };
  return (
    <form onSubmit={save}>
      {conflict.reason === "merge_invalid" ? <p>{texts.together}</p> : null}
      <p class="db-conflict-actions">
        <button type="button" class="db-button" onClick={() => props.settle({ keep: "theirs" })}>
          {texts.keep_theirs}
        </button>
        <button
          type="button"
          class="db-button"
          onClick={() => props.settle({ keep: "mine", content: pick(mine, fields) })}
        >
          {texts.keep_mine}
        </button>
      </p>
      <h3>{texts.choose}</h3>
      {fields.map((field) => (
        <FieldChoice
          key={field}
          field={field}
          theirs={theirs}
          mine={mine}
          chosen={chosen.value[field] ?? null}
          choose={(choice) => {
            chosen.value = { ...chosen.value, [field]: choice };
          }}
        />
      ))}
      {isTried.value && (missing > 0 || isInvalid) ? (
        <p class="db-problem" data-shown="yes">
          <Icon name="alert" />
          <span>{missing > 0 ? counted(missing, texts.unchosen) : texts.invalid}</span>
        </p>
      ) : null}
      <p class="db-conflict-actions">
        <button type="submit" class="db-button db-button-main">
          {texts.save}
        </button>
      </p>
    </form>
  );
}

/** What of it is to be written: the server's parts stand already. */
function contentOfChoices(
  fields: readonly TemplateField[],
  chosen: Partial<Record<TemplateField, Chosen>>,
  mine: Template,
): Partial<TemplateContent> {
  const written = fields.flatMap((field) => {
    const choice = chosen[field];
    if (choice === undefined || choice.side === "theirs") return [];
    return [[field, choice.side === "mine" ? mine[field] : choice.value] as const];
  });
  return Object.fromEntries(written);
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
