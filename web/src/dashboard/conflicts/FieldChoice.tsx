import { useId } from "preact/hooks";
import { BOUNDS } from "../../generated/catalogue";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Part, Writing } from "./parts";

/** What stands in one part: the server's, one's own, or something that is written now. */
export type Chosen = { side: "theirs" } | { side: "mine" } | { side: "other"; value: string | number | null };

interface Choosing {
  part: Part;
  /** What the side that is not the server's is called. */
  mine: string;
  chosen: Chosen | null;
  choose: (choice: Chosen) => void;
}

/** One part of a case or of a session, both sides beside each other. */
export function FieldChoice(props: Choosing) {
  const { part, chosen, choose } = props;
  const { there, here, writing } = part;
  const texts = t.value.cases.conflicts;
  const name = useId();
  const side = (of: "theirs" | "mine", lines: readonly string[], others: readonly string[]) => (
    <label class="db-side">
      <input type="radio" name={name} checked={chosen?.side === of} onChange={() => choose({ side: of })} />
      <span class="db-side-name">{of === "mine" ? props.mine : texts.theirs}</span>
      <Lines lines={lines} others={others} isMarked={lines.length > 1 || others.length > 1} />
    </label>
  );
  return (
    <fieldset class="db-field-choice">
      <legend>{part.name}</legend>
      <div class="db-field-sides">
        {side("theirs", there, here)}
        {side("mine", here, there)}
      </div>
      {writing === null ? null : <Other {...props} writing={writing} name={name} />}
    </fieldset>
  );
}

function Other(props: Choosing & { writing: Writing; name: string }) {
  const { part, writing, chosen, choose, name } = props;
  const texts = t.value.cases.conflicts;
  const isChosen = chosen?.side === "other";
  const label = `${part.name}: ${texts.other}`;
  const value = String((isChosen ? chosen.value : part.mine) ?? "");
  const write = (text: string) => {
    if (writing.kind !== "minutes") return choose({ side: "other", value: text });
    const minutes = Math.round(Number(text));
    choose({ side: "other", value: minutes > 0 ? Math.min(minutes, BOUNDS.session_seconds / 60) : null });
  };
  return (
    <div class="db-other">
      <label class="db-side-name">
        <input type="radio" name={name} checked={isChosen} onChange={() => write(value)} />
        <span>{texts.other}</span>
      </label>
      {!isChosen ? null : writing.kind === "text" ? (
        <textarea
          aria-label={label}
          rows={4}
          maxLength={writing.most}
          value={value}
          onInput={(event) => write(event.currentTarget.value)}
        />
      ) : writing.kind === "minutes" ? (
        <input aria-label={label} type="number" min={1} value={value} onInput={(event) => write(event.currentTarget.value)} />
      ) : (
        <input
          aria-label={label}
          type="text"
          maxLength={writing.most}
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
