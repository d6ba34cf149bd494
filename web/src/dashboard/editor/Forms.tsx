import { BOUNDS } from "../../generated/catalogue";
import { fill, t } from "../../i18n";
import { ADULT_LIMITS, SIGNS, START_VALUES } from "../../patient/signs";
import type { LimitName } from "../../wire/types";
import { lasting } from "../fmt";
import { Icon } from "../icons";
import { announce } from "../shell/announce";
import { markerName } from "../words";
import { MarkerOptions, ZeroOptions, zeroName } from "./choices";
import { useEditor } from "./editor";
import { FaultLine, fieldId, NumberField, PickAndDo, PickField, SecondsField, TextField } from "./fields";
import { figureOf, FIGURES, sourceOf, SOURCES, type Figure, type FigureSource } from "./figures";
import { CASE_LANGUAGES } from "./pairs";
import type { DraftItem, DraftTarget } from "./parts";
import { StateFields } from "./StateFields";
import { OtherWords, Twin } from "./Twin";
import { Tool } from "./WayFields";

function Title(props: { text: string }) {
  return (
    <div class="db-ed-head">
      <h2 id="ed-part-title" tabIndex={-1}>
        {props.text}
      </h2>
    </div>
  );
}

export function AboutForm() {
  const editor = useEditor();
  const texts = t.value.editor.fields;
  const draft = editor.draft.value;
  const text = (field: "title" | "public_title" | "description") => ({
    field,
    value: draft[field],
    onText: (value: string) => editor.change({ type: "case", fields: { [field]: value } }, field),
  });
  return (
    <>
      <Title text={t.value.editor.about} />
      <TextField {...text("title")} label={texts.title} hint={texts.title_hint} isFirst={editor.isNew && draft.title === ""} />
      <OtherWords of={({ title }) => title} />
      <TextField {...text("public_title")} label={texts.public_title} hint={texts.public_title_hint} />
      <OtherWords of={({ public_title }) => public_title} />
      <TextField {...text("description")} label={texts.description} hint={texts.description_hint} rows={6} />
      <OtherWords of={({ description }) => description} />
      <div class="db-ed-pair">
        <PickField
          field="language"
          label={texts.language}
          value={draft.language ?? ""}
          onPick={(tag) => editor.change({ type: "case", fields: { language: tag === "" ? null : tag } })}
        >
          <option value="">{texts.any_language}</option>
          {[...new Set<string>([...CASE_LANGUAGES, ...(draft.language === null ? [] : [draft.language])])].map((tag) => (
            <option key={tag} value={tag}>
              {(t.value.cases.values.languages as Record<string, string>)[tag] ?? tag}
            </option>
          ))}
        </PickField>
        <NumberField
          field="duration_minutes"
          label={texts.duration}
          hint={texts.duration_hint}
          value={draft.duration_minutes}
          decimals={0}
          unit="min"
          onValue={(duration_minutes) => editor.change({ type: "case", fields: { duration_minutes } }, "duration_minutes")}
        />
      </div>
      <Twin />
    </>
  );
}

export function StartForm() {
  const editor = useEditor();
  return (
    <>
      <Title text={t.value.editor.start} />
      <StateFields
        prefix=""
        state={editor.draft.value}
        before={START_VALUES}
        isStart
        onState={(fields, typed) => editor.change({ type: "case", fields }, typed)}
      />
    </>
  );
}

export function ChecklistForm() {
  const editor = useEditor();
  const texts = t.value.editor.list;
  const { checklist } = editor.draft.value;
  const add = (at: number) => {
    editor.change({ type: "insert_item", at });
    requestAnimationFrame(() => document.getElementById(fieldId(`checklist.${at}.text`))?.focus());
  };
  return (
    <>
      <Title text={t.value.editor.checklist} />
      {checklist.length === 0 ? <p class="db-ed-hint">{texts.none}</p> : null}
      {checklist.map((item, place) => (
        <ItemFields key={item.key} item={item} place={place} last={checklist.length - 1} addAfter={() => add(place + 1)} />
      ))}
      <p class="db-ed-row">
        {checklist.length >= BOUNDS.checklist_items ? null : (
          <button type="button" class="db-button" onClick={() => add(checklist.length)}>
            <Icon name="plus" /> {texts.add}
          </button>
        )}
        {checklist.length === 0 ? null : <span class="db-ed-hint">{texts.enter}</span>}
      </p>
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
      <TextField field={`${prefix}text`} label={texts.text} value={item.text} onText={(text) => change({ text }, "text")} onEnter={props.addAfter} />
      <OtherWords of={(other) => other.checklist.find(({ key }) => key === item.key)?.text} />
      <div class="db-ed-row">
        <label class="db-switch">
          <input type="checkbox" checked={item.critical} onChange={(event) => change({ critical: event.currentTarget.checked })} />
          <span>{texts.critical}</span>
        </label>
        <PickField field={`${prefix}marker`} label={texts.marker} value={item.marker ?? ""} onPick={(marker) => change({ marker: marker === "" ? null : marker })}>
          <option value="">{texts.no_marker}</option>
          <MarkerOptions also={item.marker} />
        </PickField>
        <SecondsField
          field={`${prefix}target_seconds`}
          label={texts.within}
          value={item.target_seconds}
          onValue={(seconds) => change({ target_seconds: seconds, from: seconds === null ? null : (item.from ?? "start") }, "within")}
        />
        {item.target_seconds === null && item.from === null ? null : (
          <PickField field={`${prefix}from`} label={texts.from} value={item.from ?? "start"} onPick={(from) => change({ from })}>
            <ZeroOptions also={item.from} />
          </PickField>
        )}
        <span class="db-ed-tools">
          {place === 0 ? null : <Tool icon="up" label={`${t.value.editor.steps.up}: ${name}`} onPress={() => move(place - 1)} />}
          {place === props.last ? null : <Tool icon="up" isDown label={`${t.value.editor.steps.down}: ${name}`} onPress={() => move(place + 1)} />}
          <Tool icon="trash" label={fill(texts.remove, { what: name })} onPress={remove} />
        </span>
      </div>
    </fieldset>
  );
}

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
      <Title text={t.value.editor.targets} />
      {targets.length === 0 ? <p class="db-ed-hint">{texts.none}</p> : null}
      {targets.map((target, place) => (
        <TargetFields key={place} target={target} place={place} />
      ))}
      <PickAndDo field="targets.add" label={texts.add_label} isBare none={texts.add} verb={t.value.editor.state.add} onDo={add}>
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
        <PickField field={`${prefix}marker`} label={texts.marker} value={target.marker} onPick={(marker) => change({ marker })}>
          <MarkerOptions also={target.marker} />
        </PickField>
        <SecondsField field={`${prefix}seconds`} label={texts.seconds} value={target.seconds} onValue={(seconds) => change({ seconds: seconds ?? 0 }, "seconds")} />
        <PickField field={`${prefix}from`} label={texts.from} value={target.from} onPick={(from) => change({ from })}>
          <ZeroOptions also={target.from} />
        </PickField>
        <span class="db-ed-tools">
          <Tool icon="trash" label={fill(texts.remove, { what: markerName(target.marker) })} onPress={remove} />
        </span>
      </div>
      <SourceLine target={target} take={(figure) => change({ from: figure.from, seconds: figure.seconds })} />
    </fieldset>
  );
}

/** Where the figures come from, or what a source says of this marker. */
function SourceLine(props: { target: DraftTarget; take: (figure: Figure) => void }) {
  const texts = t.value.editor.times;
  const same = sourceOf(props.target);
  const figure = same ?? figureOf(props.target.marker);
  if (figure === null) return null;
  const values = {
    time: lasting(figure.seconds), from: zeroName(figure.from), source: sourceName(figure.source), holds: texts.holds[figure.holds],
  }; // prettier-ignore
  if (same !== null) return <p class="db-ed-hint">{fill(texts.source, values)}</p>;
  return (
    <p class="db-ed-hint">
      {fill(texts.other_source, values)}{" "}
      <button type="button" class="db-button db-button-quiet" aria-label={`${texts.take}: ${markerName(figure.marker)}`} onClick={() => props.take(figure)}>
        {texts.take}
      </button>
    </p>
  );
}

function targetOf({ marker, from, seconds }: Figure): DraftTarget {
  return { marker, from, seconds };
}

function sourceName(source: FigureSource): string {
  return fill(t.value.editor.times.sources[source], { name: SOURCES[source] });
}

function suggestionWords({ marker, from, seconds }: Figure): string {
  return fill(t.value.editor.times.suggestion, { marker: markerName(marker), time: lasting(seconds), from: zeroName(from) });
}

export function LimitsForm() {
  const editor = useEditor();
  const texts = t.value.editor.bounds;
  return (
    <>
      <Title text={t.value.editor.limits} />
      <table class="db-ed-limits">
        <thead>
          <tr>
            <th scope="col">{texts.sign}</th>
            <th scope="col">{texts.low}</th>
            <th scope="col">{texts.high}</th>
          </tr>
        </thead>
        <tbody>
          {(Object.keys(ADULT_LIMITS) as LimitName[]).map((name) => (
            <tr key={name}>
              <th scope="row">
                {t.value.common.signs[name]}
                <FaultLine field={`limits.${name}`} />
              </th>
              {(["low", "high"] as const).map((side) => (
                <td key={side}>
                  <LimitField name={name} side={side} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="db-ed-row">
        <button type="button" class="db-button" onClick={() => editor.change({ type: "case", fields: { limits: structuredClone(ADULT_LIMITS) } })}>
          <Icon name="undo" /> {texts.reset}
        </button>
        <span class="db-ed-hint">{texts.usual}</span>
      </p>
    </>
  );
}

function LimitField({ name, side }: { name: LimitName; side: "low" | "high" }) {
  const editor = useEditor();
  const texts = t.value.editor.bounds;
  const { limits } = editor.draft.value;
  const { decimals, unit } = name === "mean" ? SIGNS.systolic : SIGNS[name];
  const set = (value: number | null) => {
    const changed = { ...limits, [name]: { ...limits[name], [side]: value } };
    editor.change({ type: "case", fields: { limits: changed } }, `limits ${name} ${side}`);
  };
  return (
    <NumberField
      field={`limits.${name}.${side}`}
      label={fill(side === "low" ? texts.low_of : texts.high_of, { sign: t.value.common.signs[name] })}
      isBare
      value={limits[name][side]}
      decimals={decimals}
      unit={unit}
      onValue={set}
    />
  );
}
