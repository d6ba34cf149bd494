import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { SIGNS, SIGN_NAMES } from "../../patient/signs";
import type { SignName } from "../../wire/types";
import { wholeNumber } from "../fmt";
import { TIME_KINDS, type TimeKind } from "./file/moments";
import { unitsOf, type Mapping, type ReadUnit, type TimeColumn } from "./mapping/mapping";
import type { OpenedRecording, RecordingInHand } from "./opened";

/** Which column is the time, and which is what sign; the first values stand beside, so that a wrong one is seen. */
export function MapColumns(props: { hand: RecordingInHand; opened: OpenedRecording }) {
  const { hand, opened } = props;
  const texts = t.value.recorded;
  const mapping = hand.mapping.value;
  if (mapping === null) return null;
  const change = (part: Partial<Mapping>) => void hand.map({ ...mapping, ...part });
  const hasPressure = mapping.signs.systolic !== undefined || mapping.signs.diastolic !== undefined;
  return (
    <div class="db-recorded-map">
      {opened.recording.interval === null ? (
        <TimeRow opened={opened} time={mapping.time} choose={(time) => change({ time })} />
      ) : null}
      {SIGN_NAMES.map((name) => (
        <SignRow key={name} name={name} opened={opened} mapping={mapping} choose={(signs) => change({ signs })} />
      ))}
      {hasPressure ? (
        <label class="db-switch">
          <input type="checkbox" checked={mapping.isCuff} onChange={(event) => change({ isCuff: event.currentTarget.checked })} />
          <span>{texts.is_cuff}</span>
        </label>
      ) : null}
    </div>
  );
}

function TimeRow(props: { opened: OpenedRecording; time: TimeColumn; choose: (time: TimeColumn) => void }) {
  const { opened, time, choose } = props;
  const texts = t.value.recorded;
  const chooseColumn = (column: number | null) => {
    if (column === null) return choose({ ...time, column, kind: "rows" });
    const clocks = opened.seen.columns[column]?.clocks ?? 0;
    const kind: TimeKind = clocks > 0 ? "clock" : "seconds";
    return choose({ ...time, column, kind: time.kind === "rows" ? kind : time.kind });
  };
  return (
    <div class="db-recorded-row db-recorded-time">
      <b>{texts.time}</b>
      <ColumnSelect opened={opened} label={texts.time} chosen={time.column} none={texts.no_time} choose={chooseColumn} />
      {time.column === null ? (
        <label class="db-recorded-interval">
          <span>{texts.interval}</span>
          <input
            type="number"
            min={0.001}
            max={3600}
            step="any"
            defaultValue={time.interval}
            onChange={(event) => {
              const interval = event.currentTarget.valueAsNumber;
              if (interval > 0 && interval <= 3600) choose({ ...time, interval });
            }}
          />
        </label>
      ) : (
        <>
          <select
            aria-label={texts.time_kind}
            value={time.kind}
            onChange={(event) => choose({ ...time, kind: event.currentTarget.value as TimeKind })}
          >
            {TIME_KINDS.filter((kind) => kind !== "rows").map((kind) => (
              <option key={kind} value={kind} selected={kind === time.kind}>
                {texts.time_kinds[kind]}
              </option>
            ))}
          </select>
          <FirstValues opened={opened} column={time.column} />
        </>
      )}
    </div>
  );
}

function SignRow(props: {
  name: SignName;
  opened: OpenedRecording;
  mapping: Mapping;
  choose: (signs: Mapping["signs"]) => void;
}) {
  const { name, opened, mapping } = props;
  const texts = t.value.recorded;
  const sign = t.value.common.signs[name];
  const chosen = mapping.signs[name];
  const choose = (column: number | null, unit: ReadUnit) => {
    const { [name]: _, ...others } = mapping.signs;
    props.choose(column === null ? others : { ...others, [name]: { column, unit } });
  };
  const units = unitsOf(name);
  return (
    <div class="db-recorded-row" data-mapped={chosen === undefined ? "no" : "yes"}>
      <b>{sign}</b>
      <ColumnSelect
        opened={opened}
        label={fill(texts.column_for, { sign })}
        chosen={chosen?.column ?? null}
        none={texts.none}
        choose={(column) => choose(column, chosen?.unit ?? "own")}
      />
      {units.length > 1 && chosen !== undefined ? (
        <select
          aria-label={fill(texts.unit_for, { sign })}
          value={chosen.unit}
          onChange={(event) => choose(chosen.column, event.currentTarget.value as ReadUnit)}
        >
          {units.map((unit) => (
            <option key={unit} value={unit} selected={unit === chosen.unit}>
              {unitWords(name, unit)}
            </option>
          ))}
        </select>
      ) : (
        <span class="db-recorded-unit">{SIGNS[name].unit}</span>
      )}
      {chosen === undefined ? null : <FirstValues opened={opened} column={chosen.column} />}
    </div>
  );
}

function unitWords(name: SignName, unit: ReadUnit): string {
  if (unit === "own") return SIGNS[name].unit;
  return unit === "fraction" ? t.value.recorded.fraction : unit;
}

function ColumnSelect(props: {
  opened: OpenedRecording;
  label: string;
  chosen: number | null;
  none: string;
  choose: (column: number | null) => void;
}) {
  const { opened, chosen } = props;
  return (
    <select
      aria-label={props.label}
      value={chosen === null ? "" : String(chosen)}
      onChange={(event) => {
        const { value } = event.currentTarget;
        props.choose(value === "" ? null : Number(value));
      }}
    >
      <option value="" selected={chosen === null}>
        {props.none}
      </option>
      {opened.recording.columns.map((_, place) => (
        <option key={place} value={String(place)} selected={chosen === place}>
          {columnWords(opened, place)}
        </option>
      ))}
    </select>
  );
}

function columnWords({ recording, seen }: OpenedRecording, place: number): string {
  const texts = t.value.recorded;
  const { name, unit } = recording.columns[place]!;
  const count = wholeNumber(Math.max(seen.columns[place]!.numbers, seen.columns[place]!.clocks > 0 ? seen.rows : 0));
  const named = name === "" ? fill(texts.column, { number: place + 1 }) : unit === "" ? name : `${name} ${unit}`;
  return fill(texts.column_of, { name: named, count });
}

/** As they stand in the file. */
function FirstValues(props: { opened: OpenedRecording; column: number }) {
  const first = props.opened.seen.columns[props.column]?.first ?? [];
  return <span class="db-recorded-first">{first.join("  ·  ")}</span>;
}
