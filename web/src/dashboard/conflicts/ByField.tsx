import { useSignal } from "@preact/signals";
import type { Settlement } from "../../device/sync/edits";
import { trainerTexts as t } from "../../i18n/trainers";
import { Icon } from "../icons";
import { announce } from "../shell/announce";
import { counted } from "../words";
import { FieldChoice, type Chosen } from "./FieldChoice";
import type { Part } from "./parts";

type Settle = (settlement: Settlement) => void;

/** What the side that is not the server's is called, where it is not one's own. */
export interface SideWords {
  mine: string;
  keep_mine: string;
}

/** Part by part, or one side as a whole. `isWhole`: each is good by itself, and together they are not. */
export function ByField(props: { parts: readonly Part[]; isWhole: boolean; words?: SideWords; settle: Settle }) {
  const texts = { ...t.value.cases.conflicts, ...props.words };
  const chosen = useSignal<Partial<Record<string, Chosen>>>({});
  const isTried = useSignal(false);
  const { parts } = props;
  const missing = parts.filter(({ field }) => chosen.value[field] === undefined).length;
  const content = contentOfChoices(parts, chosen.value);
  const isInvalid = typeof content["title"] === "string" && content["title"].trim() === "";
  const save = (event: Event) => {
    event.preventDefault();
    isTried.value = true;
    if (missing > 0) return announce(counted(missing, texts.unchosen), { urgent: true });
    if (isInvalid) return announce(texts.invalid, { urgent: true });
    props.settle(Object.keys(content).length === 0 ? { keep: "theirs" } : { keep: "mine", content });
  };
  return (
    <form onSubmit={save}>
      {props.isWhole ? <p>{texts.together}</p> : null}
      <p class="db-conflict-actions">
        <button type="button" class="db-button" onClick={() => props.settle({ keep: "theirs" })}>
          {texts.keep_theirs}
        </button>
        <button type="button" class="db-button" onClick={() => props.settle({ keep: "mine", content: mineOf(parts) })}>
          {texts.keep_mine}
        </button>
      </p>
      <h3>{texts.choose}</h3>
      {parts.map((part) => (
        <FieldChoice
          key={part.field}
          part={part}
          mine={texts.mine}
          chosen={chosen.value[part.field] ?? null}
          choose={(choice) => {
            chosen.value = { ...chosen.value, [part.field]: choice };
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

export function Same(props: { settle: Settle }) {
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

/** What of it is to be written: the server's parts stand already. */
function contentOfChoices(parts: readonly Part[], chosen: Partial<Record<string, Chosen>>): Record<string, unknown> {
  const written = parts.flatMap(({ field, mine }) => {
    const choice = chosen[field];
    if (choice === undefined || choice.side === "theirs") return [];
    return [[field, choice.side === "mine" ? mine : choice.value] as const];
  });
  return Object.fromEntries(written);
}

function mineOf(parts: readonly Part[]): Record<string, unknown> {
  return Object.fromEntries(parts.map(({ field, mine }) => [field, mine]));
}
