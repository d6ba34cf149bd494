import { useComputed } from "@preact/signals";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { Dialog } from "../../Dialog";
import { isOfThisMachine } from "../../shell/paths";
import { counted } from "../../words";
import { useRoom } from "../room";
import { Qr } from "../../Qr";
import "./big.css";

/** For the projector: as large as the screen allows, readable from the back of the hall. */
export function ShowBig(props: { code: string; url: string; onClose: () => void }) {
  const texts = t.value.dashboard.room;
  const { url } = props;
  const { host } = new URL(url);
  return (
    <Dialog title={texts.big_title} class="db-big" onClose={props.onClose}>
      <div class="db-big-body">
        <Qr url={url} label={fill(t.value.dashboard.room.qr, { url })} class="db-big-qr" />
        <div class="db-big-words">
          <p class="db-big-how">{fill(texts.big_how, { host })}</p>
          <p class="db-big-code">
            {props.code.slice(0, 3)} {props.code.slice(3)}
          </p>
          <p class="db-big-url">{url}</p>
          {isOfThisMachine(url) ? <p class="db-big-alone">{texts.big_alone}</p> : null}
        </div>
      </div>
      <Joined />
      <button type="button" class="db-button db-button-main db-big-close" autofocus onClick={props.onClose}>
        {t.value.common.close}
      </button>
    </Dialog>
  );
}

/** Under the names by which they joined: whoever looks for their own sees that it worked. Nothing else of them. */
function Joined() {
  const room = useRoom();
  const names = useComputed(() => room.trainees.value?.filter((one) => one.connected).map((one) => one.name) ?? null).value;
  const texts = t.value.dashboard.people;
  return (
    <div class="db-big-joined">
      <p role="status">{names === null ? "" : names.length === 0 ? texts.none : counted(names.length, texts.here)}</p>
      <ul aria-label={texts.title}>
        {names?.map((name, place) => (
          <li key={place}>{name}</li>
        ))}
      </ul>
    </div>
  );
}
