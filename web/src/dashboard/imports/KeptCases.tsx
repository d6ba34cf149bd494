import { useEffect, useRef } from "preact/hooks";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { Icon } from "../icons";
import { tellNotWritten } from "../room/notWritten";
import { announce } from "../shell/announce";
import { counted } from "../words";
import type { Imports } from "./imports";

/** What came in, and the way back. The dialog is gone, so the focus comes here. */
export function KeptCases(props: { imports: Imports }) {
  const { imports } = props;
  const kept = imports.kept.value;
  const texts = t.value.imports;
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), [kept]);
  if (kept.length === 0) return null;
  const undo = () => {
    announce(counted(kept.length, texts.undone));
    imports.undo().catch(tellNotWritten);
    document.getElementById("content")?.focus();
  };
  return (
    <p class="db-template-undo">
      <Icon name="check" />
      <span>{fill(counted(kept.length, texts.kept), { titles: kept.map(({ title }) => title).join(", ") })}</span>
      <button ref={button} type="button" class="db-button" onClick={undo}>
        <Icon name="undo" /> {texts.undo}
      </button>
    </p>
  );
}
