import { useComputed, useSignal } from "@preact/signals";
import { trainerTexts as t } from "../../../i18n/trainers";
import { Icon } from "../../icons";
import { Roving } from "../../keys/Roving";
import { counted } from "../../words";
import { goTo, goToNeighbour } from "../keys";
import type { DebriefModel } from "../model";
import { caseClock } from "../times";
import { MomentDialog } from "./MomentDialog";
import { MomentIcon } from "./MomentIcon";
import { momentWords } from "./momentWords";
import { foremost, type FoundMoment } from "./moments";

const SHOWN_FIRST = 8;

/** A handful of moments, made by rules and by hand; one tap is at the moment. */
export function MomentStrip({ model }: { model: DebriefModel }) {
  const texts = t.value.debrief.moments;
  const isWhole = useSignal(false);
  const hasHidden = useSignal(false);
  const edited = useSignal<FoundMoment | null>(null);
  const among = useComputed(() => (hasHidden.value ? model.moments.value : model.visible.value));
  const shown = useComputed(() => (isWhole.value ? among.value : foremost(among.value, SHOWN_FIRST))).value;
  const current = useComputed(() => model.visible.value.findLast((one) => one.at <= model.replay.at.value)?.key ?? "").value;
  const here = model.moments.value.find((one) => one.key === current);
  const more = among.value.length - shown.length;
  const hidden = model.moments.value.length - model.visible.value.length;
  return (
    <section class="db-strip" aria-labelledby="part-moments-title">
      <h2 id="part-moments-title" class="visually-hidden">
        {texts.title}
      </h2>
      <button type="button" class="db-button db-button-quiet" aria-label={texts.previous} title={texts.previous} aria-keyshortcuts="," onClick={() => goToNeighbour(model, "previous")}>
        <Icon name="back" />
      </button>
      <Roving class="db-strip-moments" role="toolbar" labelledBy="part-moments-title">
        {shown.length === 0 ? <span class="db-hint">{texts.none}</span> : null}
        {shown.map((moment) => (
          <Moment key={moment.key} model={model} moment={moment} isCurrent={moment.key === current} />
        ))}
      </Roving>
      <button type="button" class="db-button db-button-quiet" aria-label={texts.next} title={texts.next} aria-keyshortcuts="." onClick={() => goToNeighbour(model, "next")}>
        <Icon name="forward" />
      </button>
      <div class="db-strip-more">
        {more > 0 || isWhole.value ? (
          <button type="button" class="db-button db-button-quiet" aria-expanded={isWhole.value} onClick={() => (isWhole.value = !isWhole.value)}>
            {isWhole.value ? texts.fewer : counted(more, texts.more)}
          </button>
        ) : null}
        {hidden > 0 ? (
          <button type="button" class="db-button db-button-quiet" aria-pressed={hasHidden.value} onClick={() => (hasHidden.value = !hasHidden.value)}>
            {counted(hidden, texts.hidden)}
          </button>
        ) : null}
        {here !== undefined && isEditable(here) ? (
          <button type="button" class="db-button db-button-quiet" aria-label={texts.edit} title={texts.edit} onClick={() => (edited.value = here)}>
            <Icon name="pencil" />
          </button>
        ) : null}
      </div>
      {edited.value === null ? null : <MomentDialog model={model} moment={edited.value} onClose={() => (edited.value = null)} />}
    </section>
  );
}

/** What the server knows by its seq; a note beside the record is edited where it stands. */
function isEditable({ kind }: FoundMoment): boolean {
  return kind !== "alarm" && kind !== "annotation";
}

function Moment(props: { model: DebriefModel; moment: FoundMoment; isCurrent: boolean }) {
  const { model, moment } = props;
  const time = caseClock(model.time.value, moment.at);
  const what = momentWords(moment, model.room.steps.value);
  return (
    <button
      type="button"
      class="db-moment"
      data-kind={moment.kind}
      data-hidden={moment.isHidden ? "yes" : "no"}
      aria-current={props.isCurrent ? "true" : undefined}
      title={what}
      onClick={() => goTo(model, moment)}
    >
      <span class="db-moment-time">
        <MomentIcon kind={moment.kind} /> {time}
      </span>{" "}
      <span class="db-moment-words">{what}</span>
    </button>
  );
}
