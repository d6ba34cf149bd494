import { BOUNDS } from "../../generated/catalogue";
import { trainerTexts as t } from "../../i18n/trainers";
import type { CaseCondition, Trigger } from "../../patient/moves";
import { SIGN_NAMES, SIGNS } from "../../patient/signs";
import type { FlagValue, Rhythm } from "../../wire/types";
import { FLAG_GROUPS } from "../room/signs/Flags";
import { isPickedFlag, scoreConditions, type FlagChoice } from "../scoreFlags";
import { Icon } from "../icons";
import { flagName } from "../words";
import { RhythmOptions } from "./choices";
import { PickField } from "./fields";
import { Tool } from "./Tool";
import { NumberField, SecondsField } from "./typedFields";

type Measured = Extract<CaseCondition, { sign: unknown }>;
type Flagged = Extract<CaseCondition, { flag: unknown }>;
type When = Extract<Trigger, { when: unknown }>;

const FLAG_KEYS: string[] = [...Object.values(FLAG_GROUPS).flat(), "cpr"];

/** What must be so at once, and for how long. */
export function ConditionList(props: {
  on: When;
  prefix: string;
  onChange: (on: Trigger, typed: string | null) => void;
}) {
  const texts = t.value.editor.ways;
  const { on, prefix, onChange } = props;
  const set = (place: number, condition: CaseCondition, typed: string | null = null) =>
    onChange({ ...on, when: on.when.map((one, at) => (at === place ? condition : one)) }, typed);
  return (
    <>
      {on.when.map((condition, place) => (
        <span key={place} class="db-ed-condition" data-one={on.when.length === 1 ? "yes" : "no"}>
          {place === 0 ? null : <span>{texts.and}</span>}
          <ConditionFields
            condition={condition}
            prefix={`${prefix}when.${place}.`}
            onChange={(next, typed) => set(place, next, typed)}
          />
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
          class="db-button"
          onClick={() => onChange({ ...on, when: [...on.when, { sign: "heart_rate", op: "gt", value: 120 }] }, null)}
        >
          <Icon name="plus" /> {texts.add_condition}
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

function ConditionFields(props: {
  condition: CaseCondition;
  prefix: string;
  onChange: (condition: CaseCondition, typed: string | null) => void;
}) {
  const texts = t.value.editor.ways;
  const { condition, prefix, onChange } = props;
  const pick = (subject: string) => {
    const [kind = "", name = ""] = subject.split(" ");
    if (kind === "flag") onChange({ flag: name, is: name === "consciousness" ? "V" : true }, null);
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
          {("flag" in condition && !FLAG_KEYS.includes(condition.flag)
            ? [...FLAG_KEYS, condition.flag]
            : FLAG_KEYS
          ).map((key) => (
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
          value={JSON.stringify(condition.is)}
          onPick={(is) => onChange({ ...condition, is: JSON.parse(is) as FlagValue }, null)}
        >
          {flagConditions(condition).map(({ value, text }) => (
            <option key={JSON.stringify(value)} value={JSON.stringify(value)}>
              {text}
            </option>
          ))}
        </PickField>
      ) : null}
      {"rhythm" in condition ? (
        <PickField
          field={`${prefix}rhythm`}
          label={texts.rhythm}
          isBare
          value={condition.rhythm}
          onPick={(rhythm) => onChange({ rhythm: rhythm as Rhythm }, null)}
        >
          <RhythmOptions />
        </PickField>
      ) : null}
    </>
  );
}

function Comparing(props: {
  condition: Measured;
  prefix: string;
  onChange: (condition: CaseCondition, typed: string | null) => void;
}) {
  const texts = t.value.editor.ways;
  const { condition, prefix, onChange } = props;
  const { decimals, unit } = condition.sign === "mean" ? SIGNS.systolic : SIGNS[condition.sign];
  return (
    <>
      <PickField
        field={`${prefix}op`}
        label={texts.is}
        isBare
        value={condition.op}
        onPick={(op) => onChange({ ...condition, op: op as Measured["op"] }, null)}
      >
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
  const values = {
    heart_rate: 120,
    systolic: 90,
    diastolic: 50,
    mean: 60,
    spo2: 90,
    respiratory_rate: 8,
    etco2: 30,
    temperature: 38,
  };
  return { sign, op: sign === "heart_rate" || sign === "temperature" ? "gt" : "lt", value: values[sign] };
}

/** What a flag may be waited for to be; a text that is written there stays one of them. */
function flagConditions({ flag, is }: Flagged): FlagChoice<FlagValue>[] {
  if (isPickedFlag(flag)) return scoreConditions(flag, is);
  const { on, off } = t.value.editor.ways.flag_is;
  const own = typeof is === "string" ? [{ value: is, text: is }] : [];
  return [{ value: true, text: on }, { value: false, text: off }, ...own];
}

function subjectOf(condition: CaseCondition): string {
  if ("flag" in condition) return `flag ${condition.flag}`;
  return "rhythm" in condition ? "rhythm" : `sign ${condition.sign}`;
}
