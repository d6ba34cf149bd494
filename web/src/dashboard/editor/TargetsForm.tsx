import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { lasting } from "../fmt";
import { announce } from "../shell/announce";
import { markerName } from "../words";
import { MarkerOptions, ZeroOptions, zeroName } from "./choices";
import { useEditor } from "./editor";
import { fieldId, PickAndDo, PickField } from "./fields";
import { FIGURES, type Figure } from "./figures";
import type { DraftTarget } from "./parts";
import { PartTitle } from "./PartTitle";
import { SourceLine } from "./SourceLine";
import { Tool } from "./Tool";
import { SecondsField } from "./typedFields";

export function TargetsForm() {
  const editor = useEditor();
  const texts = t.value.editor.times;
  const { targets } = editor.draft.value;
  const add = (picked: string) => {
    const figure = picked.startsWith("figure ") ? FIGURES[Number(picked.slice(7))] : undefined;
    if (figure !== undefined) editor.change({ type: "add_target", target: targetOf(figure) });
    else editor.change({ type: "add_target", target: { marker: picked, from: "start", seconds: 300 } });
    requestAnimationFrame(() => document.getElementById(fieldId(`targets.${targets.length}.seconds`))?.focus());
  };
  return (
    <>
      <PartTitle text={t.value.editor.targets} />
      {targets.length === 0 ? <p class="db-ed-hint">{texts.none}</p> : null}
      {targets.map((target, place) => (
        <TargetFields key={place} target={target} place={place} />
      ))}
      <PickAndDo
        field="targets.add"
        label={texts.add_label}
        isBare
        none={texts.add}
        verb={t.value.editor.state.add}
        onDo={add}
      >
        {FIGURES.map((figure, number) => (
          <option key={number} value={`figure ${number}`}>
            {suggestionWords(figure)} ({texts.holds[figure.holds]})
          </option>
        ))}
        <optgroup label={texts.own}>
          <MarkerOptions />
        </optgroup>
      </PickAndDo>
    </>
  );
}

function TargetFields(props: { target: DraftTarget; place: number }) {
  const editor = useEditor();
  const texts = t.value.editor.times;
  const { target, place } = props;
  const prefix = `targets.${place}.`;
  const change = (fields: Partial<DraftTarget>, typed: string | null = null) =>
    editor.change({ type: "target", place, fields }, typed === null ? null : `${prefix}${typed}`);
  const remove = () => {
    editor.change({ type: "remove_target", place });
    announce(fill(texts.removed, { what: markerName(target.marker) }));
    document.getElementById("ed-part-title")?.focus();
  };
  return (
    <fieldset class="db-ed-item">
      <legend class="visually-hidden">{fill(texts.no, { number: place + 1 })}</legend>
      <div class="db-ed-row">
        <PickField
          field={`${prefix}marker`}
          label={texts.marker}
          value={target.marker}
          onPick={(marker) => change({ marker })}
        >
          <MarkerOptions also={target.marker} />
        </PickField>
        <SecondsField
          field={`${prefix}seconds`}
          label={texts.seconds}
          value={target.seconds}
          onValue={(seconds) => change({ seconds: seconds ?? 0 }, "seconds")}
        />
        <PickField field={`${prefix}from`} label={texts.from} value={target.from} onPick={(from) => change({ from })}>
          <ZeroOptions also={target.from} />
        </PickField>
        <span class="db-ed-tools">
          <Tool icon="trash" label={fill(texts.remove, { what: markerName(target.marker) })} onPress={remove} />
        </span>
      </div>
      <SourceLine {...target} take={(figure) => change({ from: figure.from, seconds: figure.seconds })} />
    </fieldset>
  );
}

function targetOf({ marker, from, seconds }: Figure): DraftTarget {
  return { marker, from, seconds };
}

function suggestionWords({ marker, from, seconds }: Figure): string {
  return fill(t.value.editor.times.suggestion, {
    marker: markerName(marker),
    time: lasting(seconds),
    from: zeroName(from),
  });
}
