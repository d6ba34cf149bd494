import { useId } from "preact/hooks";
import type { TemplateField } from "../../device/sync/edit";
import { BOUNDS } from "../../generated/catalogue";
import { t } from "../../i18n";
import type { Template } from "../../wire/types";
import { fieldLines, fieldName } from "../templates/templateWords";

/** What stands in one part: the server's, one's own, or something that is written now. */
export type Chosen = { side: "theirs" } | { side: "mine" } | { side: "other"; value: string | number | null };

/** Those that can be written here; the others are lists, and are chosen as they are. */
const WRITABLE = ["title", "public_title", "description", "duration_minutes"] as const satisfies readonly TemplateField[];
type Writable = (typeof WRITABLE)[number];

interface Choosing {
  field: TemplateField;
  theirs: Template;
  mine: Template;
  chosen: Chosen | null;
  choose: (choice: Chosen) => void;
}

/** One part of a case, both sides beside each other. */
export function FieldChoice(props: Choosing) {
  const { field, theirs, mine, chosen, choose } = props;
  const texts = t.value.cases.conflicts;
  const name = useId();
  const [there, here] = [fieldLines(theirs, field), fieldLines(mine, field)];
  const side = (of: "theirs" | "mine", lines: string[], others: string[]) => (
    <label class="db-side">
      <input type="radio" name={name} checked={chosen?.side === of} onChange={() => choose({ side: of })} />
      <span class="db-side-name">{texts[of]}</span>
      <Lines lines={lines} others={others} isMarked={lines.length > 1 || others.length > 1} />
    </label>
  );
  return (
    <fieldset class="db-field-choice">
      <legend>{fieldName(field)}</legend>
      <div class="db-field-sides">
        {side("theirs", there, here)}
        {side("mine", here, there)}
      </div>
      {isWritable(field) ? <Other {...props} field={field} name={name} /> : null}
    </fieldset>
  );
}

function Other(props: Choosing & { field: Writable; name: string }) {
  const { field, mine, chosen, choose, name } = props;
  const texts = t.value.cases.conflicts;
  const isChosen = chosen?.side === "other";
  const label = `${fieldName(field)}: ${texts.other}`;
  const value = String((isChosen ? chosen.value : mine[field]) ?? "");
  const write = (text: string) => {
    if (field !== "duration_minutes") return choose({ side: "other", value: text });
    const minutes = Math.round(Number(text));
    choose({ side: "other", value: minutes > 0 ? Math.min(minutes, BOUNDS.session_seconds / 60) : null });
  };
  return (
    <div class="db-other">
      <label class="db-side-name">
        <input type="radio" name={name} checked={isChosen} onChange={() => write(value)} />
        <span>{texts.other}</span>
      </label>
      {!isChosen ? null : field === "description" ? (
        <textarea
          aria-label={label}
          rows={4}
          maxLength={BOUNDS.description_characters}
          value={value}
          onInput={(event) => write(event.currentTarget.value)}
        />
      ) : field === "duration_minutes" ? (
        <input aria-label={label} type="number" min={1} value={value} onInput={(event) => write(event.currentTarget.value)} />
      ) : (
        <input
          aria-label={label}
          type="text"
          maxLength={BOUNDS.title_characters}
          value={value}
          autocomplete="off"
          onInput={(event) => write(event.currentTarget.value)}
        />
      )}
    </div>
  );
}

/** What stands there, line by line; where there are several, those that the other side lacks are marked. */
export function Lines(props: { lines: readonly string[]; others: readonly string[]; isMarked: boolean }) {
  const texts = t.value.cases.conflicts;
  if (props.lines.length === 0) return <span class="db-side-nothing">{texts.nothing}</span>;
  return (
    <span class="db-side-lines">
      {props.lines.map((line, place) => {
        const isOwn = props.isMarked && !props.others.includes(line);
        return (
          <span key={place} class="db-side-line" data-own={isOwn ? "yes" : "no"}>
            {line}
            {isOwn ? <span class="visually-hidden"> ({texts.differs})</span> : null}
          </span>
        );
      })}
    </span>
  );
}

function isWritable(field: TemplateField): field is Writable {
  return (WRITABLE as readonly TemplateField[]).includes(field);
}
