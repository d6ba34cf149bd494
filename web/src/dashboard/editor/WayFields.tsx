import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Transition, Trigger } from "../../patient/moves";
import { BOUNDS } from "../../generated/catalogue";
import { Icon } from "../icons";
import { announce } from "../shell/announce";
import { actionWords } from "../words";
import { MarkerOptions } from "./choices";
import { ConditionList } from "./ConditionList";
import { useEditor } from "./editor";
import { titleOfStep } from "./faultWords";
import { FaultLine, fieldId, PickField, TextField } from "./fields";
import type { DraftStep } from "./parts";
import { Tool } from "./Tool";
import { NumberField, SecondsField } from "./typedFields";

type TriggerKind = keyof (typeof t.value.editor.ways)["kinds"];

/** What each way of going on begins with. */
const BEGINNINGS: Record<TriggerKind, Trigger> = {
  after: { after: 60 },
  when: { when: [{ sign: "spo2", op: "lt", value: 90 }], hold: 0 },
  marker: { marker: "adrenaline", count: 1 },
  action: { action: "nibp_start", count: 1 },
  manual: { manual: true },
};

/** How a step goes on: each way a sentence. */
export function WayFields(props: { step: DraftStep; place: number }) {
  const editor = useEditor();
  const texts = t.value.editor.ways;
  const { step, place } = props;
  const add = () => {
    const next = editor.draft.peek().steps[place + 1]?.key ?? null;
    editor.change({
      type: "add_way",
      key: step.key,
      way: { to: next, label: null, automatic: true, on: BEGINNINGS.after },
    });
    const first = fieldId(`steps.${place}.transitions.${step.transitions.length}.kind`);
    requestAnimationFrame(() => document.getElementById(first)?.focus());
  };
  return (
    <section class="db-ed-ways" aria-labelledby="ed-ways-title">
      <h3 id="ed-ways-title">{texts.title}</h3>
      <FaultLine field={`steps.${place}.transitions`} />
      {step.transitions.length === 0 ? <p class="db-ed-hint">{texts.none}</p> : null}
      {step.transitions.map((way, number) => (
        <WaySentence
          key={number}
          way={way}
          number={number}
          stepKey={step.key}
          prefix={`steps.${place}.transitions.${number}.`}
          last={step.transitions.length - 1}
        />
      ))}
      <p class="db-ed-row">
        {step.transitions.length >= BOUNDS.transitions ? null : (
          <button type="button" class="db-button" onClick={add}>
            <Icon name="plus" /> {texts.add}
          </button>
        )}
        {step.transitions.length > 1 ? <span class="db-ed-hint">{texts.first_wins}</span> : null}
      </p>
    </section>
  );
}

function WaySentence(props: { way: Transition; number: number; last: number; stepKey: string; prefix: string }) {
  const editor = useEditor();
  const texts = t.value.editor.ways;
  const { way, number, prefix, stepKey } = props;
  const { on } = way;
  const change = (fields: Partial<Transition>, typed: string | null = null) =>
    editor.change({ type: "way", key: stepKey, place: number, fields }, typed);
  const kind = kindOf(on);
  const name = fill(texts.no, { number: number + 1 });
  const { steps } = editor.draft.value;
  const move = (to: number) => editor.change({ type: "move_way", key: stepKey, place: number, to });
  const remove = () => {
    editor.change({ type: "remove_way", key: stepKey, place: number });
    announce(texts.removed);
    document.getElementById("ed-part-title")?.focus();
  };
  return (
    <fieldset class="db-ed-way">
      <legend class="visually-hidden">{name}</legend>
      <div class="db-ed-sentence">
        <PickField
          field={`${prefix}kind`}
          label={texts.on}
          isBare
          value={kind}
          onPick={(picked) =>
            change({ on: BEGINNINGS[picked as TriggerKind], automatic: way.automatic && picked !== "manual" })
          }
        >
          {(Object.keys(texts.kinds) as TriggerKind[]).map((one) => (
            <option key={one} value={one}>
              {texts.kinds[one]}
            </option>
          ))}
        </PickField>
        <TriggerFields on={on} prefix={`${prefix}on.`} onChange={(next, typed) => change({ on: next }, typed)} />
        <PickField
          field={`${prefix}automatic`}
          label={texts.how}
          isBare
          value={way.automatic ? "yes" : "no"}
          onPick={(picked) => change({ automatic: picked === "yes" })}
        >
          {kind === "manual" && !way.automatic ? null : <option value="yes">{texts.automatic.yes}</option>}
          <option value="no">{texts.automatic.no}</option>
        </PickField>
        <PickField
          field={`${prefix}to`}
          label={texts.to}
          isBare
          value={way.to === null ? "." : way.to}
          onPick={(picked) => change({ to: picked === "." ? null : picked })}
        >
          {steps.map(({ key }, place) => (
            <option key={key} value={key}>
              {place + 1}. {titleOfStep(editor.draft.value, key)}
            </option>
          ))}
          {way.to !== null && steps.every(({ key }) => key !== way.to) ? (
            <option value={way.to}>{texts.lost}</option>
          ) : null}
          <option value=".">{texts.end}</option>
        </PickField>
        <span class="db-ed-tools">
          {number === 0 ? null : (
            <Tool icon="up" label={`${t.value.editor.steps.up}: ${name}`} onPress={() => move(number - 1)} />
          )}
          {number === props.last ? null : (
            <Tool icon="up" isDown label={`${t.value.editor.steps.down}: ${name}`} onPress={() => move(number + 1)} />
          )}
          <Tool icon="trash" label={`${texts.remove}: ${name}`} onPress={remove} />
        </span>
      </div>
      {way.automatic ? null : (
        <TextField
          field={`${prefix}label`}
          label={texts.label}
          value={way.label ?? ""}
          hint={texts.label_hint}
          onText={(text) => change({ label: text === "" ? null : text }, `${stepKey} ${number} label`)}
        />
      )}
    </fieldset>
  );
}

function kindOf(on: Trigger): TriggerKind {
  return (Object.keys(BEGINNINGS) as TriggerKind[]).find((kind) => kind in on) ?? "manual";
}

type OnTrigger = (on: Trigger, typed: string | null) => void;

function TriggerFields({ on, prefix, onChange }: { on: Trigger; prefix: string; onChange: OnTrigger }) {
  const texts = t.value.editor.ways;
  if ("after" in on)
    return (
      <SecondsField
        field={`${prefix}after`}
        label={texts.time}
        isBare
        value={on.after}
        onValue={(after) => onChange({ after: after ?? 0 }, `${prefix}after`)}
      />
    );
  if ("marker" in on)
    return (
      <>
        <PickField
          field={`${prefix}marker`}
          label={texts.marker}
          isBare
          value={on.marker}
          onPick={(marker) => onChange({ ...on, marker }, null)}
        >
          <MarkerOptions also={on.marker} />
        </PickField>
        <Count
          count={on.count ?? 1}
          prefix={prefix}
          onCount={(count) => onChange({ ...on, count }, `${prefix}count`)}
        />
      </>
    );
  if ("action" in on) {
    const known = Object.keys(t.value.dashboard.notes.actions);
    const all = known.includes(on.action) ? known : [...known, on.action];
    return (
      <>
        <PickField
          field={`${prefix}action`}
          label={texts.action}
          isBare
          value={on.action}
          onPick={(action) => onChange({ ...on, action }, null)}
        >
          {all.map((action) => (
            <option key={action} value={action}>
              {actionWords(action, {})}
            </option>
          ))}
        </PickField>
        <Count
          count={on.count ?? 1}
          prefix={prefix}
          onCount={(count) => onChange({ ...on, count }, `${prefix}count`)}
        />
      </>
    );
  }
  return "when" in on ? <ConditionList on={on} prefix={prefix} onChange={onChange} /> : null;
}

function Count(props: { count: number; prefix: string; onCount: (count: number) => void }) {
  const texts = t.value.editor.ways;
  return (
    <NumberField
      field={`${props.prefix}count`}
      label={texts.count}
      isBare
      value={props.count}
      decimals={0}
      unit={texts.times}
      onValue={(count) => props.onCount(count ?? 1)}
    />
  );
}
