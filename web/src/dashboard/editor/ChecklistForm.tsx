import { BOUNDS } from "../../generated/catalogue";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { Icon } from "../icons";
import { announce } from "../shell/announce";
import { MarkerOptions, ZeroOptions } from "./choices";
import { useEditor } from "./editor";
import { fieldId, PickField, TextField } from "./fields";
import type { DraftItem } from "./parts";
import { PartTitle } from "./PartTitle";
import { SourceLine } from "./SourceLine";
import { Tool } from "./Tool";
import { OtherWords } from "./Twin";
import { NumberField, SecondsField } from "./typedFields";

export function ChecklistForm() {
  const editor = useEditor();
  const texts = t.value.editor.list;
  const { checklist, pass_percent } = editor.draft.value;
  const add = (at: number) => {
    editor.change({ type: "insert_item", at });
    requestAnimationFrame(() => document.getElementById(fieldId(`checklist.${at}.text`))?.focus());
  };
  return (
    <>
      <PartTitle text={t.value.editor.checklist} />
      {checklist.length === 0 ? <p class="db-ed-hint">{texts.none}</p> : null}
      {checklist.map((item, place) => (
        <ItemFields
          key={item.key}
          item={item}
          place={place}
          last={checklist.length - 1}
          addAfter={() => add(place + 1)}
        />
      ))}
      <p class="db-ed-row">
        {checklist.length >= BOUNDS.checklist_items ? null : (
          <button type="button" class="db-button" onClick={() => add(checklist.length)}>
            <Icon name="plus" /> {texts.add}
          </button>
        )}
        {checklist.length === 0 ? null : <span class="db-ed-hint">{texts.enter}</span>}
      </p>
      {checklist.length === 0 && pass_percent === null ? null : (
        <NumberField
          field="pass_percent"
          label={texts.passing}
          hint={texts.passing_hint}
          value={pass_percent}
          decimals={0}
          unit="%"
          onValue={(percent) => editor.change({ type: "case", fields: { pass_percent: percent } }, "pass_percent")}
        />
      )}
    </>
  );
}

function ItemFields(props: { item: DraftItem; place: number; last: number; addAfter: () => void }) {
  const editor = useEditor();
  const texts = t.value.editor.list;
  const { item, place } = props;
  const prefix = `checklist.${place}.`;
  const change = (fields: Partial<DraftItem>, typed: string | null = null) =>
    editor.change({ type: "item", key: item.key, fields }, typed === null ? null : `${item.key} ${typed}`);
  const name = item.text || fill(texts.no, { number: place + 1 });
  const move = (to: number) => editor.change({ type: "move_item", key: item.key, to });
  const remove = () => {
    editor.change({ type: "remove_item", key: item.key });
    announce(fill(texts.removed, { what: name }));
    document.getElementById("ed-part-title")?.focus();
  };
  return (
    <fieldset class="db-ed-item">
      <legend class="visually-hidden">{fill(texts.no, { number: place + 1 })}</legend>
      <TextField
        field={`${prefix}text`}
        label={texts.text}
        value={item.text}
        onText={(text) => change({ text }, "text")}
        onEnter={props.addAfter}
      />
      <OtherWords of={(other) => other.checklist.find(({ key }) => key === item.key)?.text} />
      <div class="db-ed-row">
        <label class="db-switch">
          <input
            type="checkbox"
            checked={item.critical}
            onChange={(event) => change({ critical: event.currentTarget.checked })}
          />
          <span>{texts.critical}</span>
        </label>
        <PickField
          field={`${prefix}marker`}
          label={texts.marker}
          value={item.marker ?? ""}
          onPick={(marker) => change({ marker: marker === "" ? null : marker })}
        >
          <option value="">{texts.no_marker}</option>
          <MarkerOptions also={item.marker} />
        </PickField>
        <SecondsField
          field={`${prefix}target_seconds`}
          label={texts.within}
          value={item.target_seconds}
          onValue={(seconds) =>
            change({ target_seconds: seconds, from: seconds === null ? null : (item.from ?? "start") }, "within")
          }
        />
        {item.target_seconds === null && item.from === null ? null : (
          <PickField
            field={`${prefix}from`}
            label={texts.from}
            value={item.from ?? "start"}
            onPick={(from) => change({ from })}
          >
            <ZeroOptions also={item.from} />
          </PickField>
        )}
        <span class="db-ed-tools">
          {place === 0 ? null : (
            <Tool icon="up" label={`${t.value.editor.steps.up}: ${name}`} onPress={() => move(place - 1)} />
          )}
          {place === props.last ? null : (
            <Tool icon="up" isDown label={`${t.value.editor.steps.down}: ${name}`} onPress={() => move(place + 1)} />
          )}
          <Tool icon="trash" label={fill(texts.remove, { what: name })} onPress={remove} />
        </span>
      </div>
      {item.marker === null ? null : (
        <SourceLine
          marker={item.marker}
          from={item.from}
          seconds={item.target_seconds}
          take={(figure) => change({ target_seconds: figure.seconds, from: figure.from })}
        />
      )}
    </fieldset>
  );
}
