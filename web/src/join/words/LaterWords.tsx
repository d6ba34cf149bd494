import { useMemo, useState } from "preact/hooks";
import { Lazy } from "../../app/lazy";
import { fill, t } from "../../i18n";
import { wordsKept, type KeptWords } from "./kept";

const load = () => import("./OwnWords").then((module) => module.OwnWords);

export function OwnWordsHere(props: { kept: KeptWords }) {
  return <Lazy load={load} with={props} failed={<p role="alert">{t.value.common.reload}</p>} />;
}

/** On the page to join: the way back to what was said of a session that ended within a day. */
export function LaterWords() {
  const kept = useMemo(() => wordsKept()[0] ?? null, []);
  const [isOpen, setIsOpen] = useState(false);
  if (kept === null) return null;
  return isOpen ? (
    <OwnWordsHere kept={kept} />
  ) : (
    <button type="button" class="join-return" onClick={() => setIsOpen(true)}>
      {fill(t.value.words.later, { title: kept.title || t.value.common.session })}
    </button>
  );
}
