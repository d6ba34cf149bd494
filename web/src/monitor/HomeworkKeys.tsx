import { useEffect, useState } from "preact/hooks";
import { fill, t } from "../i18n";
import { CheckIcon } from "./icons";
import "./HomeworkKeys.css";

const SAID_FOR = 1800;

/** What somebody who plays a case alone may do in it: all of it at any time, with what was done. */
export function HomeworkKeys(props: { actions: readonly string[]; take: (action: string) => boolean }) {
  const [counts, setCounts] = useState<Readonly<Record<string, number>>>({});
  const [said, setSaid] = useState<{ action: string; isTaken: boolean } | null>(null);
  const texts = t.value.homework.keys;
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => setSaid(null), SAID_FOR);
    return () => clearTimeout(timer);
  }, [said]);
  const press = (action: string) => {
    const isTaken = props.take(action);
    setSaid({ action, isTaken });
    if (isTaken) setCounts({ ...counts, [action]: (counts[action] ?? 0) + 1 });
  };
  if (props.actions.length === 0) return null;
  return (
    <section class="mon-alone" aria-label={texts.title}>
      {props.actions.map((action) => (
        <ActionKey
          key={action}
          name={actionName(action)}
          count={counts[action] ?? 0}
          isSaid={said?.action === action && said.isTaken}
          press={() => press(action)}
        />
      ))}
      {/* What is inside a button is its name, never a live region. */}
      <span class="visually-hidden" role="status">
        {said === null ? "" : said.isTaken ? fill(texts.noted, { what: actionName(said.action) }) : texts.full}
      </span>
    </section>
  );
}

function ActionKey(props: { name: string; count: number; isSaid: boolean; press: () => void }) {
  const texts = t.value.homework.keys;
  const { name, count } = props;
  const label = count === 0 ? name : fill(count === 1 ? texts.once : texts.times, { what: name, count });
  return (
    <button type="button" class="mon-alone-key" data-done={props.isSaid} aria-label={label} onClick={props.press}>
      <span>{name}</span>
      {count === 0 ? null : (
        <span class="mon-alone-count">
          <CheckIcon />
          {count === 1 ? "" : count}
        </span>
      )}
    </button>
  );
}

/** An action that only this case knows is called by the words of its key. */
function actionName(action: string): string {
  const known: Record<string, string> = t.value.homework.actions;
  const words = action.replaceAll("_", " ");
  return known[action] ?? words.charAt(0).toUpperCase() + words.slice(1);
}
