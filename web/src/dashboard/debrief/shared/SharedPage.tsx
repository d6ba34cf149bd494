import { useEffect, useRef, useState } from "preact/hooks";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { LanguageChoice } from "../../../join/Choices";
import { usePage } from "../../../join/page";
import { wholeTime } from "../../fmt";
import { footOfPages } from "../paper/footOfPages";
import { Sheet } from "../paper/Sheet";
import { lookAtShare, whenShareEnds, type SeenShare } from "./lookAtShare";
import { sheetOfShare } from "./sheetOfShare";
import "./shared.css";

/** The debriefing sheet by its link: without a login, without anything else of the school, until its end. */
export function SharedPage(props: { token: string }) {
  const { token } = props;
  const [seen, setSeen] = useState<SeenShare | null>(null);
  const texts = t.value.marks.shared;
  const look = async () => {
    setSeen(null);
    setSeen(await lookAtShare(token));
  };
  useEffect(() => void look(), [token]);
  useEffect(() => {
    if (seen?.kind !== "read") return;
    return whenShareEnds(token, Date.parse(seen.share.expires_at), () => setSeen({ kind: "over" }));
  }, [token, seen]);
  useEffect(footWhilePrinting, []);
  usePage(`${seen?.kind === "read" ? seen.share.title || texts.title : texts.title} · Shiller`);
  return (
    <div class="db-shared">
      <header class="db-shared-top">
        {seen?.kind === "read" ? <p>{fill(texts.until, { when: wholeTime(Date.parse(seen.share.expires_at)) })}</p> : <p />}
        {seen?.kind === "read" ? (
          <button type="button" class="db-shared-button" onClick={() => window.print()}>
            {texts.print}
          </button>
        ) : null}
        <LanguageChoice />
      </header>
      <main aria-busy={seen === null}>
        {seen === null ? <p role="status">{texts.reading}</p> : null}
        {seen?.kind === "read" ? (
          <div class="db-sheet">
            <Sheet data={sheetOfShare(seen.share)} />
          </div>
        ) : null}
        {seen !== null && seen.kind !== "read" ? <Shut kind={seen.kind} again={() => void look()} /> : null}
      </main>
    </div>
  );
}

/** The sheet is on the page already; what stands at the foot of every page comes with the paper. */
function footWhilePrinting(): () => void {
  const foot = footOfPages();
  const write = () => foot?.write(null);
  const clear = () => foot?.clear();
  addEventListener("beforeprint", write);
  addEventListener("afterprint", clear);
  return () => {
    removeEventListener("beforeprint", write);
    removeEventListener("afterprint", clear);
    clear();
  };
}

function Shut(props: { kind: Exclude<SeenShare["kind"], "read">; again: () => void }) {
  const texts = t.value.marks.shared;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div class="db-shared-shut" role="alert">
      <h1 ref={heading} tabIndex={-1}>
        {texts[props.kind]}
      </h1>
      <p>{texts[`${props.kind}_help`]}</p>
      {props.kind === "away" ? (
        <button type="button" class="db-shared-button" onClick={props.again}>
          {texts.retry}
        </button>
      ) : null}
    </div>
  );
}
