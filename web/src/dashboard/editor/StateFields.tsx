import { fill, language } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { writeDecimals } from "../../i18n/numbers";
import { broughtBy } from "../../patient/rhythms";
import { partsOfPreset, PRESETS, type Preset } from "../../patient/presets";
import { flagOf, isScoreFlag, SCORE_FLAGS } from "../../patient/score";
import { SIGN_NAMES, SIGNS } from "../../patient/signs";
import type { FlagValue, LastValues, Rhythm, SignName, Signs } from "../../wire/types";
import { Icon } from "../icons";
import { STEPPINGS } from "../room/signs/stepping";
import { FLAG_GROUPS } from "../room/signs/Flags";
import { scoreChoices, scoreText } from "../scoreFlags";
import { announce } from "../shell/announce";
import { flagName, flagWords, patchWords, rhythmName } from "../words";
import { RhythmOptions } from "./choices";
import { FaultBelow, PickAndDo, PickField } from "./fields";
import { NumberField } from "./typedFields";

/** What of the patient changes at the start or at a step. */
export interface DraftState {
  vitals: Partial<Signs>;
  rhythm: Rhythm | null;
  flags: Record<string, FlagValue | null>;
}

// What the score asks for has more than on and off: it stands by itself.
const FLAG_KEYS = [...Object.values(FLAG_GROUPS).flat(), "cpr"].filter((key) => !isScoreFlag(key));

/** `before`: what a monitor shows when it comes; empty fields leave that as it is. */
export function StateFields(props: {
  prefix: string;
  state: DraftState;
  before: LastValues;
  isStart: boolean;
  onState: (state: Partial<DraftState>, typed: string | null) => void;
}) {
  const texts = t.value.editor.state;
  const { prefix, state, before } = props;
  return (
    <>
      <fieldset class="db-ed-group">
        <legend>{texts.vitals}</legend>
        <div class="db-ed-vitals">
          {SIGN_NAMES.map((name) => (
            <SignField key={name} {...props} name={name} />
          ))}
        </div>
        {SIGN_NAMES.map((name) => (
          <FaultBelow key={name} field={`${prefix}vitals.${name}`} label={t.value.common.signs[name]} />
        ))}
        <p class="db-ed-hint">{props.isStart ? texts.start_values : texts.unchanged}</p>
      </fieldset>
      <div class="db-ed-pair">
        <PickField
          field={`${prefix}rhythm`}
          label={texts.rhythm}
          value={state.rhythm ?? ""}
          onPick={(rhythm) =>
            props.onState(
              rhythm === "" ? { rhythm: null } : withRhythm(state, rhythm as Rhythm, before),
              `${prefix}rhythm`,
            )
          }
        >
          <option value="">
            {props.isStart ? rhythmName(before.rhythm) : fill(texts.as_before, { what: rhythmName(before.rhythm) })}
          </option>
          <RhythmOptions />
        </PickField>
        <Whole before={before} state={state} prefix={prefix} onState={props.onState} />
      </div>
      <FlagFields {...props} />
      <ScoreFields {...props} />
    </>
  );
}

function SignField(props: {
  name: SignName;
  prefix: string;
  state: DraftState;
  before: LastValues;
  onState: (state: Partial<DraftState>, typed: string | null) => void;
}) {
  const { name, state, before } = props;
  const field = `${props.prefix}vitals.${name}`;
  const { decimals, unit } = SIGNS[name];
  const set = (value: number | null) => {
    const { [name]: _, ...vitals } = state.vitals;
    props.onState({ vitals: value === null ? vitals : { ...vitals, [name]: value } }, field);
  };
  return (
    <NumberField
      field={field}
      label={t.value.common.signs[name]}
      isToldBelow
      value={state.vitals[name] ?? null}
      decimals={decimals}
      step={STEPPINGS[name].small}
      from={before[name]}
      placeholder={writeDecimals(before[name], decimals, language.value)}
      unit={unit}
      onValue={set}
    />
  );
}

/** An arrest, or the return from it, in one choice. */
function Whole(props: {
  prefix: string;
  state: DraftState;
  before: LastValues;
  onState: (state: Partial<DraftState>, typed: null) => void;
}) {
  const texts = t.value.editor.state;
  const names: Record<Preset, string> = t.value.dashboard.presets;
  const set = (preset: Preset) => {
    const { rhythm, signs, flags } = partsOfPreset(preset, props.before);
    props.onState(
      {
        rhythm: rhythm ?? props.state.rhythm,
        vitals: { ...props.state.vitals, ...signs },
        flags: { ...props.state.flags, ...flags },
      },
      null,
    );
    announce(patchWords({ vitals: signs, flags, ...(rhythm === null ? {} : { rhythm }) }));
  };
  return (
    <PickAndDo
      field={`${props.prefix}preset`}
      label={texts.preset}
      none="…"
      verb={texts.set}
      onDo={(preset) => set(preset as Preset)}
    >
      {PRESETS.map((preset) => (
        <option key={preset} value={preset}>
          {names[preset]}
        </option>
      ))}
    </PickAndDo>
  );
}

/** The rate and the pulse that belong to it come with it, unless they are written already. */
function withRhythm(state: DraftState, rhythm: Rhythm, before: LastValues): Partial<DraftState> {
  const former = state.rhythm === null ? null : broughtBy(state.rhythm, before);
  const kept = Object.entries(state.vitals).filter(([name, value]) => former?.signs[name as SignName] !== value);
  const keptFlags = Object.entries(state.flags).filter(
    ([key, value]) => former === null || former.flags[key] !== value,
  );
  const { signs, flags } = broughtBy(rhythm, before);
  const own = Object.fromEntries(kept) as Partial<Signs>;
  const hasPressure = own.systolic !== undefined || own.diastolic !== undefined;
  const { systolic: _, diastolic: __, ...others } = signs;
  const vitals = { ...(hasPressure ? others : signs), ...own };
  const brought = patchWords({ vitals: signs, flags });
  if (brought !== "") announce(fill(t.value.editor.state.brought, { what: brought }));
  return { rhythm, vitals, flags: { ...flags, ...Object.fromEntries(keptFlags) } };
}

function FlagFields(props: {
  prefix: string;
  state: DraftState;
  before: LastValues;
  onState: (state: Partial<DraftState>, typed: null) => void;
}) {
  const texts = t.value.editor.state;
  const { state, before } = props;
  const open = [...new Set([...FLAG_KEYS, ...Object.keys(before.flags)])].filter((key) => !isScoreFlag(key));
  const shown = Object.entries(state.flags).filter(([key]) => !isScoreFlag(key));
  const offered = open.filter((key) => !(key in state.flags));
  const isOn = (key: string) => before.flags[key] !== undefined && before.flags[key] !== false;
  const add = (key: string) => props.onState({ flags: { ...state.flags, [key]: isOn(key) ? null : true } }, null);
  const takeOut = (key: string) => {
    const { [key]: _, ...flags } = state.flags;
    props.onState({ flags }, null);
  };
  return (
    <fieldset class="db-ed-group">
      <legend>{texts.flags}</legend>
      <div class="db-ed-chips">
        {shown.map(([key, value]) => (
          <span key={key} class="db-ed-chip">
            {flagWords(key, value)}
            <button
              type="button"
              class="db-button db-button-quiet"
              aria-label={fill(texts.remove_flag, { what: flagWords(key, value) })}
              onClick={() => takeOut(key)}
            >
              <Icon name="cross" />
            </button>
          </span>
        ))}
        <PickAndDo
          field={`${props.prefix}flags`}
          label={texts.add_flag_label}
          isBare
          none={texts.add_flag}
          verb={texts.add}
          onDo={add}
        >
          {offered.map((key) => (
            <option key={key} value={key}>
              {flagWords(key, isOn(key) ? null : true)}
            </option>
          ))}
        </PickAndDo>
      </div>
    </fieldset>
  );
}

function ScoreFields(props: {
  prefix: string;
  state: DraftState;
  before: LastValues;
  isStart: boolean;
  onState: (state: Partial<DraftState>, typed: null) => void;
}) {
  const { state, before, isStart } = props;
  const set = (key: string, picked: string) => {
    const { [key]: _, ...others } = state.flags;
    const flags = picked === "" ? others : { ...others, [key]: JSON.parse(picked) as FlagValue | null };
    props.onState({ flags }, null);
  };
  return (
    <fieldset class="db-ed-group">
      <legend>{t.value.dashboard.flags.score}</legend>
      <div class="db-ed-pair">
        {SCORE_FLAGS.map((key) => {
          const written = state.flags[key];
          const former = scoreText(key, flagOf(before, key));
          // At the start there is nothing to take away.
          const choices = scoreChoices(key, written ?? null).filter(({ value }) => value !== null || !isStart);
          return (
            <PickField
              key={key}
              field={`${props.prefix}flags.${key}`}
              label={flagName(key)}
              value={written === undefined ? "" : JSON.stringify(written)}
              onPick={(picked) => set(key, picked)}
            >
              <option value="">{isStart ? former : fill(t.value.editor.state.as_before, { what: former })}</option>
              {choices.map(({ value, text }) => (
                <option key={JSON.stringify(value)} value={JSON.stringify(value)}>
                  {text}
                </option>
              ))}
            </PickField>
          );
        })}
      </div>
      <p class="db-ed-hint">{t.value.dashboard.flags.score_hint}</p>
    </fieldset>
  );
}
