import { fill, t } from "../../i18n";
import type { CaseCondition, Transition, Trigger } from "../../patient/moves";
import { SIGN_NAMES, SIGNS } from "../../patient/signs";
import type { Rhythm } from "../../wire/types";
import { BOUNDS } from "../../generated/catalogue";
import { Icon } from "../icons";
import { FLAG_GROUPS } from "../room/signs/Flags";
import { announce } from "../shell/announce";
import { actionWords, flagName } from "../words";
import { MarkerOptions, RhythmOptions } from "./choices";
import { useEditor } from "./editor";
import { titleOfStep } from "./faultWords";
import { FaultLine, fieldId, NumberField, PickField, SecondsField, TextField } from "./fields";
import type { DraftStep } from "./parts";

type TriggerKind = keyof (typeof t.value.editor.ways)["kinds"];
type Measured = Extract<CaseCondition, { sign: unknown }>;

/** What each way of going on begins with. */
const BEGINNINGS: Record<TriggerKind, Trigger> = {
  after: { after: 60 },
  when: { when: [{ sign: "spo2", op: "lt", value: 90 }], hold: 0 },
  marker: { marker: "adrenaline", count: 1 },
  action: { action: "nibp_start", count: 1 },
  manual: { manual: true },
};

const FLAG_KEYS = [...Object.values(FLAG_GROUPS).flat(), "cpr"];

/** How a step goes on: each way a sentence. */
export function WayFields(props: { step: DraftStep; place: number }) {
  const editor = useEditor();
  const texts = t.value.editor.ways;
  const { step, place } = props;
  const add = () => {
    const next = editor.draft.peek().steps[place + 1]?.key ?? null;
    editor.change({ type: "add_way", key: step.key, way: { to: next, label: null, automatic: true, on: BEGINNINGS.after } });
    const first = fieldId(`steps.${place}.transitions.${step.transitions.length}.kind`);
    requestAnimationFrame(() => document.getElementById(first)?.focus());
  };
  return (
    <section class="db-ed-ways" aria-labelledby="ed-ways-title">
      <h3 id="ed-ways-title">{texts.title}</h3>
      <FaultLine field={`steps.${place}.transitions`} />
      {step.transitions.length === 0 ? <p class="db-ed-hint">{texts.none}</p> : null}
      {step.transitions.map((way, number) => (
        <WaySentence key={number} way={way} number={number} stepKey={step.key} prefix={`steps.${place}.transitions.${number}.`} last={step.transitions.length - 1} />
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
          onPick={(picked) => change({ on: BEGINNINGS[picked as TriggerKind], automatic: way.automatic && picked !== "manual" })}
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
          {way.to !== null && steps.every(({ key }) => key !== way.to) ? <option value={way.to}>{texts.lost}</option> : null}
          <option value=".">{texts.end}</option>
        </PickField>
        <span class="db-ed-tools">
          {number === 0 ? null : <Tool icon="up" label={`${t.value.editor.steps.up}: ${name}`} onPress={() => move(number - 1)} />}
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

export function Tool(props: { icon: "up" | "trash" | "cross" | "copy" | "undo"; isDown?: boolean; label: string; isOff?: boolean; onPress: () => void }) {
  return (
    <button
      type="button"
      class={`db-button db-button-quiet ${props.isDown === true ? "db-ed-down" : ""}`}
      aria-label={props.label}
      title={props.label}
      aria-disabled={props.isOff === true}
      onClick={() => props.isOff !== true && props.onPress()}
    >
      <Icon name={props.icon} />
    </button>
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
        <PickField field={`${prefix}marker`} label={texts.marker} isBare value={on.marker} onPick={(marker) => onChange({ ...on, marker }, null)}>
          <MarkerOptions also={on.marker} />
        </PickField>
        <Count count={on.count ?? 1} prefix={prefix} onCount={(count) => onChange({ ...on, count }, `${prefix}count`)} />
      </>
    );
  if ("action" in on) {
    const known = Object.keys(t.value.dashboard.notes.actions);
    const all = known.includes(on.action) ? known : [...known, on.action];
    return (
      <>
        <PickField field={`${prefix}action`} label={texts.action} isBare value={on.action} onPick={(action) => onChange({ ...on, action }, null)}>
          {all.map((action) => (
            <option key={action} value={action}>
              {actionWords(action, {})}
            </option>
          ))}
        </PickField>
        <Count count={on.count ?? 1} prefix={prefix} onCount={(count) => onChange({ ...on, count }, `${prefix}count`)} />
      </>
    );
  }
  return "when" in on ? <Conditions on={on} prefix={prefix} onChange={onChange} /> : null;
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

function Conditions(props: { on: Extract<Trigger, { when: unknown }>; prefix: string; onChange: OnTrigger }) {
  const texts = t.value.editor.ways;
  const { on, prefix, onChange } = props;
  const set = (place: number, condition: CaseCondition, typed: string | null = null) =>
    onChange({ ...on, when: on.when.map((one, at) => (at === place ? condition : one)) }, typed);
  return (
    <>
      {on.when.map((condition, place) => (
        <span key={place} class="db-ed-condition">
          {place === 0 ? null : <span>{texts.and}</span>}
          <ConditionFields condition={condition} prefix={`${prefix}when.${place}.`} onChange={(next, typed) => set(place, next, typed)} />
          {on.when.length === 1 ? null : (
            <Tool
              icon="cross"
              label={texts.remove_condition}
              onPress={() => onChange({ ...on, when: on.when.filter((_, at) => at !== place) }, null)}
            />
          )}
        </span>
      ))}
      {on.when.length >= BOUNDS.conditions ? null : (
        <button
          type="button"
          class="db-button db-button-quiet"
          onClick={() => onChange({ ...on, when: [...on.when, { sign: "heart_rate", op: "gt", value: 120 }] }, null)}
        >
          {texts.add_condition}
        </button>
      )}
      <span>{texts.hold}</span>
      <SecondsField
        field={`${prefix}hold`}
        label={texts.hold_label}
        isBare
        value={on.hold ?? 0}
        onValue={(hold) => onChange({ ...on, hold: hold ?? 0 }, `${prefix}hold`)}
      />
    </>
  );
}

function ConditionFields(props: { condition: CaseCondition; prefix: string; onChange: (condition: CaseCondition, typed: string | null) => void }) {
  const texts = t.value.editor.ways;
  const { condition, prefix, onChange } = props;
  const pick = (subject: string) => {
    const [kind = "", name = ""] = subject.split(" ");
    if (kind === "flag") onChange({ flag: name, is: true }, null);
    else if (kind === "rhythm") onChange({ rhythm: "sinus" }, null);
    else onChange(begun(name as Measured["sign"]), null);
  };
  return (
    <>
      <PickField field={`${prefix}subject`} label={texts.sign} isBare value={subjectOf(condition)} onPick={pick}>
        {[...SIGN_NAMES, "mean" as const].map((name) => (
          <option key={name} value={`sign ${name}`}>
            {t.value.common.signs[name]}
          </option>
        ))}
        <option value="rhythm">{texts.rhythm}</option>
        <optgroup label={texts.flag}>
          {("flag" in condition && !(FLAG_KEYS as string[]).includes(condition.flag) ? [...FLAG_KEYS, condition.flag] : FLAG_KEYS).map((key) => (
            <option key={key} value={`flag ${key}`}>
              {flagName(key)}
            </option>
          ))}
        </optgroup>
      </PickField>
      {"sign" in condition ? <Comparing condition={condition} prefix={prefix} onChange={onChange} /> : null}
      {"flag" in condition ? (
        <PickField
          field={`${prefix}is`}
          label={texts.is}
          isBare
          value={typeof condition.is === "string" ? condition.is : condition.is ? "on" : "off"}
          onPick={(is) => onChange({ ...condition, is: is === "on" ? true : is === "off" ? false : condition.is }, null)}
        >
          <option value="on">{texts.flag_is.on}</option>
          <option value="off">{texts.flag_is.off}</option>
          {typeof condition.is === "string" ? <option value={condition.is}>{condition.is}</option> : null}
        </PickField>
      ) : null}
      {"rhythm" in condition ? (
        <PickField field={`${prefix}rhythm`} label={texts.rhythm} isBare value={condition.rhythm} onPick={(rhythm) => onChange({ rhythm: rhythm as Rhythm }, null)}>
          <RhythmOptions />
        </PickField>
      ) : null}
    </>
  );
}

function Comparing(props: { condition: Measured; prefix: string; onChange: (condition: CaseCondition, typed: string | null) => void }) {
  const texts = t.value.editor.ways;
  const { condition, prefix, onChange } = props;
  const { decimals, unit } = condition.sign === "mean" ? SIGNS.systolic : SIGNS[condition.sign];
  return (
    <>
      <PickField field={`${prefix}op`} label={texts.is} isBare value={condition.op} onPick={(op) => onChange({ ...condition, op: op as Measured["op"] }, null)}>
        {(Object.keys(texts.ops) as Measured["op"][]).map((op) => (
          <option key={op} value={op}>
            {texts.ops[op]}
          </option>
        ))}
      </PickField>
      <NumberField
        field={`${prefix}value`}
        label={texts.value}
        isBare
        value={condition.value}
        decimals={decimals}
        unit={unit}
        onValue={(value) => value !== null && onChange({ ...condition, value }, `${prefix}value`)}
      />
    </>
  );
}

/** A comparison of each sign that means something: beyond its usual alarm limit. */
function begun(sign: Measured["sign"]): Measured {
  const values = { heart_rate: 120, systolic: 90, diastolic: 50, mean: 60, spo2: 90, respiratory_rate: 8, etco2: 30, temperature: 38 };
  return { sign, op: sign === "heart_rate" || sign === "temperature" ? "gt" : "lt", value: values[sign] };
}

function subjectOf(condition: CaseCondition): string {
  if ("flag" in condition) return `flag ${condition.flag}`;
  return "rhythm" in condition ? "rhythm" : `sign ${condition.sign}`;
}
